"""Back-propagation through time of a plain RNN in closed form: a readable reference, to set beside autograd.

Column vectors, as in the assignment (equations 1-3): h_t = tanh(W_hx x_t + W_hh h_t-1 + b_h), p = W_ph h_T + b_p,
y = softmax(p), L = -log y_k for the right class k. With e = y - onehot(k) and D_t = diag(1 - h_t * h_t):

    dL/dW_ph = e h_T'                       dL/db_p = e
    d_T = W_ph' e                           d_t-1 = W_hh' D_t d_t            (d_t is dL/dh_t)
    dL/dW_hh = sum over t = 1..T of D_t d_t h_t-1'
    dL/dW_hx = sum over t = 1..T of D_t d_t x_t'    dL/db_h = sum over t = 1..T of D_t d_t

The loss stands at the last step alone, so W_ph sees h_T only, while W_hh is in every step: each term of its sum
carries the product of all W_hh' D_j from T down to t + 1. A factor's spectral norm is at most sigma(W_hh), so below 1
what is far away vanishes; above 1 it can explode (Pascanu et al. 2013), and need not.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float


class Rnn(NamedTuple):
    """Weights, or their gradients."""

    symbol: Float[np.ndarray, "H E"]  # W_hx
    state: Float[np.ndarray, "H H"]  # W_hh
    bias: Float[np.ndarray, " H"]  # b_h
    output: Float[np.ndarray, "K H"]  # W_ph
    output_bias: Float[np.ndarray, " K"]  # b_p


def forward(net: Rnn, inputs: Float[np.ndarray, "T E"]) -> Float[np.ndarray, "T+1 H"]:
    """h_0 = 0, h_1, ..., h_T."""
    states = [np.zeros(len(net.bias))]
    for x in inputs:
        states.append(np.tanh(net.symbol @ x + net.state @ states[-1] + net.bias))
    return np.stack(states)


def backward(net: Rnn, inputs: Float[np.ndarray, "T E"], right: int) -> tuple[float, Rnn, Float[np.ndarray, "T H"]]:
    """The loss (nats) of one word whose class is `right`, its gradients, and dL/dh_1..dL/dh_T."""
    states = forward(net, inputs)
    scores = net.output @ states[-1] + net.output_bias
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    error = shares - (np.arange(len(shares)) == right)
    grads = Rnn(*(np.zeros_like(weights) for weights in net))
    grads.output[:], grads.output_bias[:] = np.outer(error, states[-1]), error
    arriving = np.zeros((len(inputs), len(net.bias)))
    d = net.output.T @ error
    for t in range(len(inputs), 0, -1):
        arriving[t - 1] = d
        through = (1 - states[t] ** 2) * d
        grads.state[:] += np.outer(through, states[t - 1])
        grads.symbol[:] += np.outer(through, inputs[t - 1])
        grads.bias[:] += through
        d = net.state.T @ through
    return -float(np.log(shares[right])), grads, arriving


def spectral_norm(weights: Float[np.ndarray, "H H"]) -> float:
    """The most by which a matrix can stretch a vector."""
    return float(np.linalg.norm(weights, 2))
