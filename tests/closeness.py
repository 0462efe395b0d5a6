"""When two tensors are the same: one table by dtype, for every comparison of the tests."""

import numpy as np
import torch

TOLERANCE = {  # dtype -> (share of the largest value wanted, floor)
    torch.float64: (1e-10, 1e-12),
    torch.float32: (2e-5, 1e-6),
}


def assert_same(name: str, got: torch.Tensor | np.ndarray, want: torch.Tensor | np.ndarray) -> None:
    """Fail unless `got` is `want` in shape, dtype and, up to the table, value; says which tensor, where, and the gap.

    The gap is judged against the largest value wanted, not element by element: sums in another order are off by what
    the large terms lose, also where they cancel. Integers and truth values must be equal; only finite values pass.
    """
    got, want = torch.as_tensor(got).detach().cpu(), torch.as_tensor(want).detach().cpu()
    assert got.shape == want.shape, f"{name}: shape {tuple(got.shape)}, wanted {tuple(want.shape)}"
    assert got.dtype == want.dtype, f"{name}: {got.dtype}, wanted {want.dtype}"
    if not want.numel():
        return
    if want.dtype not in TOLERANCE:
        differ = int((got != want).sum())
        assert differ == 0, f"{name}: {differ} of {want.numel()} values differ"
        return
    assert bool(want.isfinite().all()), f"{name}: what is wanted is not finite"
    share, floor = TOLERANCE[want.dtype]
    allowed = max(floor, share * float(want.abs().max()))
    gap = (got - want).abs().nan_to_num(torch.inf)
    worst = int(gap.argmax())
    place = tuple(int(i) for i in np.unravel_index(worst, want.shape))
    assert float(gap.max()) <= allowed, (
        f"{name}: gap {float(gap.max()):.3g} (allowed {allowed:.3g}) at {place}: "
        f"{float(got.flatten()[worst]):.9g}, wanted {float(want.flatten()[worst]):.9g}"
    )
