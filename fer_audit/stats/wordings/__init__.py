"""The same pictures asked about in several wordings, and again in the same one."""
