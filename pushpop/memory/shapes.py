"""Refuses a tensor of the wrong shape, type or device, and a size that is none, with what was expected and given."""

import torch
from torch import Tensor

from pushpop.errors import ConfigError, ShapeError


def expect(
    place: str, given: object, shape: tuple[int | str, ...], dtype: torch.dtype, device: torch.device | None = None
) -> None:
    """ShapeError unless `given` is a tensor of this shape (a letter stands for any size), type and device (None: any).

    Looks at no number, so a GPU is not waited for.
    """
    fits = False
    if isinstance(given, Tensor):
        fits = given.dtype == dtype and _alike(given.shape, shape)
        if fits and (device is None or given.device == device):
            return
    wanted = f"[{', '.join(map(str, shape))}] {_short(dtype)}{'' if device is None else f' on {device}'}"
    way_out = f"; move it there with .to('{device}')" if fits else ""
    raise ShapeError(f"{place}: expected {wanted}, given {spell(given)}{way_out}")


def _alike(sizes: torch.Size, shape: tuple[int | str, ...]) -> bool:
    return sizes == shape or (
        len(sizes) == len(shape)
        and all(isinstance(size, str) or size == there for size, there in zip(shape, sizes, strict=True))
    )


def spell(given: object) -> str:
    """A tensor as error messages name it: `[2, 8] float32 on cpu`."""
    if not isinstance(given, Tensor):
        return f"a {type(given).__name__}"
    return f"{list(given.shape)} {_short(given.dtype)} on {given.device}"


def _short(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def expect_size(place: str, given: object) -> None:
    """ConfigError unless `given` is a whole number from 1 on."""
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise ConfigError(f"{place} {given!r} is not a size; give 1 or more")


def expect_rows(place: str, given: object, like: Tensor) -> None:
    """ShapeError unless `given` picks words of `like` [B, ...]: bool [B], or places int64 [K]."""
    if not isinstance(given, Tensor) or given.dtype != torch.int64 or given.ndim != 1:
        expect(f"{place}: rows (bool, or int64 places)", given, like.shape[:1], torch.bool, like.device)


def no_numbers(place: str, shape: tuple[int, ...], dtype: torch.dtype, device: torch.device | str) -> Tensor:
    """A tensor of a shape without room for any; refuses a type or a device that a memory cannot have."""
    if not isinstance(dtype, torch.dtype) or not dtype.is_floating_point:
        raise ShapeError(f"{place}: expected a dtype with fractions, such as torch.float32, given {dtype}")
    try:
        return torch.empty(shape, dtype=dtype, device=device)
    except (AssertionError, RuntimeError, TypeError) as error:  # which one depends on how torch was built
        raise ConfigError(f"{place}: device {device!r} is not there; give such as cpu or cuda:0") from error
