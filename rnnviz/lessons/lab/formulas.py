"""The gradient lab in formulas."""

from collections.abc import Mapping, Sequence

_FORMULAS: Mapping[str, Sequence[str]] = {
    "matrix": (
        r"\frac{\partial L_t}{\partial h_k} = \frac{\partial L_t}{\partial h_t}\;"
        r"\left[\frac{\partial s_t}{\partial s_{t-1}} \cdots \frac{\partial s_{k+1}}{\partial s_k}\right]_{h_t,\,h_k}"
        r"\qquad s = h \;\text{ / }\; (h, c)",
        r"\frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(1 - h_t^2)\, W_{hh}"
        r"\qquad \frac{\partial c_t}{\partial c_{t-1}} = \mathrm{diag}(f_t)",
    ),
    "derivative": (
        r"\tanh'(a) = 1 - \tanh^2(a) \le 1 \qquad \sigma'(a) = \sigma(a)(1 - \sigma(a)) \le \tfrac14",
        r"\gamma^n: \quad 1^n = 1, \qquad \left(\tfrac14\right)^n",
    ),
    "knobs": (
        r"\left\|\frac{\partial h_t}{\partial h_k}\right\| \le (\gamma\sigma)^{t-k}",
        r"\rho(W_{hh}) \le \sigma(W_{hh}) \qquad \text{linear:}\quad W_{hh}^{\,t-k} \sim \rho^{\,t-k}",
    ),
    "cliff": (
        r"x_t = w\,\sigma(x_{t-1}) + b \qquad L = (\sigma(x_{50}) - 0.7)^2",
        r"g \leftarrow g \cdot \min\left(1, \frac{\theta}{\|g\|}\right)",
    ),
    "cut": (
        r"\frac{\partial L}{\partial W} = \sum_t \sum_{k \le t} \frac{\partial L_t}{\partial h_k}\frac{\partial^+ h_k}"
        r"{\partial W} \;\to\; \sum_t \sum_{n\lfloor t/n \rfloor \le k \le t} \cdots",
    ),
    "past": (r"\|h_t - h'_t\| \lesssim \left\|\frac{\partial h_t}{\partial h_1}\right\|\,\|h_1 - h'_1\|",),
    "table": (r"\left\|\frac{\partial L}{\partial h_1}\right\|, \qquad L = \sum_i h_{100,i}",),
}


def formulas(part: str) -> Sequence[str]:
    return _FORMULAS[part]
