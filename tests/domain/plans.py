"""What tests ask of a plan."""

from __future__ import annotations


def regions_of(planned, key="ubuntu-1.0.0"):
    version = next(version for version in planned.image_versions if version.key == key)
    return {region.name: region for region in version.regions}


def replicas_of(planned, key="ubuntu-1.0.0"):
    return {name: region.replicas.value for name, region in regions_of(planned, key).items()}
