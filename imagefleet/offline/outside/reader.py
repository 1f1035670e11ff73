"""Plain values, read with every mistake kept by its key; a wrong value becomes a harmless one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from imagefleet.offline.wording import unknown


class Reader:
    """Reads values and collects `mistakes`, each as `key: what is wrong and what is allowed`."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []

    def wrong(self, where: str, text: str) -> None:
        """Keep a mistake."""
        self.mistakes.append(f"{where}: {text}")

    def mapping(self, value: object, where: str, allowed: Sequence[str]) -> Mapping[str, Any]:
        """Return a mapping whose keys must all be allowed."""
        found = self.any_mapping(value, where or "the file")
        for key in found:
            if key not in allowed:
                self.wrong(f"{where}.{key}".lstrip("."), unknown(key, allowed))
        return {key: item for key, item in found.items() if key in allowed}

    def any_mapping(self, value: object, where: str) -> dict[str, Any]:
        """Return a mapping, whatever its keys."""
        if isinstance(value, Mapping):
            return {str(key): item for key, item in value.items()}
        self.wrong(where, f"must be a mapping, got {value!r}")
        return {}

    def entries(self, value: object, where: str) -> Iterator[tuple[str, Any, str]]:
        """Yield key, value and place of each entry of a mapping that may be absent."""
        for key, item in self.any_mapping({} if value is None else value, where).items():
            yield key, item, f"{where}.{key}"

    def items(self, value: object, where: str) -> Iterator[tuple[Any, str]]:
        """Yield value and place of each item of a list that may be absent."""
        if value is not None and not isinstance(value, list):
            self.wrong(where, f"must be a list, got {value!r}")
            return
        for index, item in enumerate(value or ()):
            yield item, f"{where}[{index}]"

    def texts(self, value: object, where: str) -> list[str]:
        """Return a list of texts."""
        found: list[str] = []
        for item, at in self.items(value, where):
            if isinstance(item, str):
                found.append(item)
            else:
                self.wrong(at, f"must be a text, got {item!r}")
        return found

    def text(self, found: Mapping[str, Any], key: str, where: str) -> str:
        """Return a text that must be there."""
        value = found.get(key)
        if isinstance(value, str) and value:
            return value
        self.wrong(f"{where}.{key}", f"must be a text, got {value!r}")
        return ""

    def flag(self, found: Mapping[str, Any], key: str, where: str, *, default: bool) -> bool:
        """Return true or false."""
        value = found.get(key, default)
        if isinstance(value, bool):
            return value
        self.wrong(f"{where}.{key}", f"must be true or false, got {value!r}")
        return default

    def count(self, value: object, where: str) -> int:
        """Return a whole number that is not negative."""
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self.wrong(where, f"must be a whole number of at least 0, got {value!r}")
        return 0

    def one_of(self, value: object, where: str, allowed: Sequence[str]) -> str:
        """Return one of the allowed words."""
        if isinstance(value, str) and value in allowed:
            return value
        self.wrong(where, unknown(value, allowed))
        return allowed[0]
