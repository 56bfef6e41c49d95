"""Covariates measured from pixels: what a picture is like, and how light the skin in it appears.

A number here says nothing about a person. It may still explain a gap: where one group was photographed in
worse light, a model that reads dark pictures badly looks as if it read that group badly. What is measured is
the picture that the model receives, so that brightness is that of the encoded (gamma) values and not of the
scene; a dark skin makes a face darker, and whoever asks about skin must not hold brightness fixed.
"""

from __future__ import annotations

from fer_audit.covariates.catalogue import COVARIATES, MEASUREMENT, Covariate
from fer_audit.covariates.picture import blur, brightness, contrast, size
from fer_audit.covariates.skin import NoSkinError, SkinColour, ita, monk, skin_colour

__all__ = [
    "COVARIATES",
    "MEASUREMENT",
    "Covariate",
    "NoSkinError",
    "SkinColour",
    "blur",
    "brightness",
    "contrast",
    "ita",
    "monk",
    "size",
    "skin_colour",
]
