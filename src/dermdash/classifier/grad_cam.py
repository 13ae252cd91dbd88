"""Grad-CAM of logits averaged over views. Importing this module imports torch: import it inside functions.

Source: Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based localization", ICCV
2017: the maps of the last convolutional block, each weighted with the mean gradient of the output over its positions.

Captum has the same in one call, and brings matplotlib and its kin with it, 80 MB that nothing else here needs: it is
what the tests compare with (tests/unit/classifier/test_saliency.py).
"""

import torch
from torch import Tensor, nn


class PooledHead(nn.Module):
    """From the last block's maps of several views to the averaged logits, then the log-odds of malignancy.

    What comes before these maps needs no gradient, so an explanation costs as much as a prediction. The log-odds are
    those of the malignancy probability; unlike the probability itself they keep a gradient where it is nearly 0 or 1.
    """

    def __init__(self, head: nn.Module, malignant: list[int]) -> None:
        super().__init__()
        self.head = head
        self.malignant = malignant

    def forward(self, maps: Tensor) -> Tensor:
        """Map (n, channels, views, h, w) to (n, classes + 1)."""
        pooled = maps.mean(dim=(3, 4))
        logits = self.head(pooled.transpose(1, 2)).mean(dim=1)
        inside = torch.zeros(logits.shape[1], dtype=torch.bool, device=logits.device)
        inside[self.malignant] = True
        odds = torch.logsumexp(logits[:, inside], dim=1) - torch.logsumexp(logits[:, ~inside], dim=1)
        return torch.cat([logits, odds[:, None]], dim=1)


def grad_cam(head: PooledHead, maps: Tensor, targets: Tensor) -> Tensor:
    """Return the weighted sum of maps (n, views, h, w), signed, for the output column of each image.

    Parameters
    ----------
    head
        From maps to outputs; each row of its outputs depends on the maps of its own image only.
    maps
        Of the last block, (n, channels, views, h, w).
    targets
        The column of ``head`` that is explained, one for each image, (n,).
    """
    with torch.enable_grad():
        maps = maps.detach().requires_grad_()
        explained = head(maps).gather(1, targets[:, None]).sum()
        (slopes,) = torch.autograd.grad(explained, maps)
    weights = slopes.mean(dim=(2, 3, 4), keepdim=True)
    return (weights * maps.detach()).sum(dim=1)
