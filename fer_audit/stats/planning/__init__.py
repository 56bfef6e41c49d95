"""What an undecided verdict would take: imagined tables, judged by the engine that judges real ones."""
