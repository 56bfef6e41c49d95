"""Small nets of transformers on disk, drawn at random and saved as a user would have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fer_audit.models.torch_runtime.vision import import_with_torchvision

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SIDE = 28
_WORDS = [
    "answer",
    "en",
    "what",
    "is",
    "the",
    "facial",
    "expression",
    "of",
    "person",
    "which",
    "these",
    "expressions",
    "does",
    "face",
    "show",
    "emotion",
    "feel",
    "how",
    "mood",
    "look",
    "one",
    "word",
    "best",
    "describes",
    "on",
    "in",
    "image",
    "choose",
    "from",
    "options",
    "classify",
    "as",
    "with",
    "express",
    "feels",
    "joy",
    "sad",
    "ness",
    "hap",
    "pi",
    "fe",
    "ar",
    "an",
    "ger",
    "dis",
    "gust",
    "neu",
    "tral",
    "sur",
    "prise",
    ":",
    "?",
    ".",
    ",",
]


def save_paligemma(folder: Path, *, side: int = SIDE, width: int = 32, layers: int = 2) -> Path:
    """A PaliGemma with a tokenizer of its own, in which labels differ in length.

    As it stands it has about 70,000 parameters; of each of the two halves the width and the number of layers
    can be chosen, and the side of the picture, of which every 14 x 14 pixels are a token.
    """
    transformers = import_with_torchvision("transformers", extra="paligemma", model="test")
    import torch  # noqa: PLC0415 - not in every environment

    tokenizer = _tokenizer(transformers)
    sizes = {
        "hidden_size": width,
        "intermediate_size": 2 * width,
        "num_hidden_layers": layers,
        "num_attention_heads": 2,
    }
    text = {
        "model_type": "gemma",
        **sizes,
        "num_key_value_heads": 1,
        "head_dim": width // 2,
        "vocab_size": len(tokenizer),
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }
    config = transformers.PaliGemmaConfig(
        vision_config={
            "model_type": "siglip_vision_model",
            "image_size": side,
            "patch_size": 14,
            "num_image_tokens": (side // 14) ** 2,
            "projection_dim": width,
            **sizes,
        },
        text_config=text,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        projection_dim=width,
        hidden_size=width,
        vocab_size=len(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    pictures = transformers.SiglipImageProcessor(size={"height": side, "width": side})
    pictures.image_seq_length = (side // 14) ** 2
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        net = transformers.PaliGemmaForConditionalGeneration(config)
        # Far from zero, or every picture would get the same answer.
        for parameter in net.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
    net.save_pretrained(folder)
    transformers.PaliGemmaProcessor(pictures, tokenizer).save_pretrained(folder)
    return folder


def save_classifier(folder: Path, labels: Sequence[str]) -> Path:
    """A ViT of two small layers with these labels."""
    transformers = import_with_torchvision("transformers", extra="huggingface", model="test")
    import torch  # noqa: PLC0415

    config = transformers.ViTConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=SIDE,
        patch_size=14,
        id2label=dict(enumerate(labels)),
        label2id={label: number for number, label in enumerate(labels)},
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        net = transformers.ViTForImageClassification(config)
        for parameter in net.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
    net.save_pretrained(folder)
    transformers.ViTImageProcessor(size={"height": SIDE, "width": SIDE}).save_pretrained(folder)
    return folder


def _tokenizer(transformers: Any) -> Any:  # noqa: ANN401 - the library is untyped
    """Pieces of words, longest first, as a tokenizer of transformers."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers  # noqa: PLC0415

    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<image>"]
    letters = "abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    pieces = dict.fromkeys([*special, *_WORDS, *letters, *(f"##{word}" for word in (*_WORDS, *letters))])
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    inner = Tokenizer(models.WordPiece(vocabulary, unk_token="<unk>"))  # noqa: S106 - no secret
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.decoder = decoders.WordPiece()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner,
        bos_token="<bos>",  # noqa: S106
        eos_token="<eos>",  # noqa: S106
        unk_token="<unk>",  # noqa: S106
        pad_token="<pad>",  # noqa: S106
        additional_special_tokens=["<image>"],
    )
