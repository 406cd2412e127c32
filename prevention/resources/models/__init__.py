"""Rows of the room of materials."""

from prevention.resources.models.arriving import ResourceImport, ResourceUpload, ResourceUploadPiece
from prevention.resources.models.kits import ResourceKit, ResourceKitItem
from prevention.resources.models.library import (
    SHELF,
    Resource,
    ResourceCare,
    ResourceFile,
    ResourceGrade,
    ResourceIndex,
    ResourceUse,
)
from prevention.resources.models.voices import ResourceFeedback, ResourceWish

__all__ = [
    "SHELF",
    "Resource",
    "ResourceCare",
    "ResourceFeedback",
    "ResourceFile",
    "ResourceGrade",
    "ResourceImport",
    "ResourceIndex",
    "ResourceKit",
    "ResourceKitItem",
    "ResourceUpload",
    "ResourceUploadPiece",
    "ResourceUse",
    "ResourceWish",
]
