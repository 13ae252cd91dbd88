"""Grad-CAM of logits averaged over views, by captum. Importing this module imports torch: import it inside functions.

Source: Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based localization", ICCV
2017: the maps of the last convolutional block, each weighted with the mean gradient of the output over its positions.
"""

import torch
from captum.attr import LayerGradCam
from torch import Tensor, nn


class PooledHead(nn.Module):
    """From the last block's maps of several views to the averaged logits, then the log-odds of malignancy.

    What comes before these maps needs no gradient, so an explanation costs as much as a prediction. The log-odds are
    those of the malignancy probability; unlike the probability itself they keep a gradient where it is nearly 0 or 1.
    """

    def __init__(self, head: nn.Module, malignant: list[int]) -> None:
        super().__init__()
        self.maps = nn.Identity()
        self.head = head
        self.malignant = malignant

    def forward(self, maps: Tensor) -> Tensor:
        """Map (n, channels, views, h, w) to (n, classes + 1)."""
        pooled = self.maps(maps).mean(dim=(3, 4))
        logits = self.head(pooled.transpose(1, 2)).mean(dim=1)
        inside = torch.zeros(logits.shape[1], dtype=torch.bool, device=logits.device)
        inside[self.malignant] = True
        odds = torch.logsumexp(logits[:, inside], dim=1) - torch.logsumexp(logits[:, ~inside], dim=1)
        return torch.cat([logits, odds[:, None]], dim=1)


def grad_cam(head: PooledHead, maps: Tensor, targets: Tensor) -> Tensor:
    """Return the weighted sum of maps (n, views, h, w), signed, for the output column of each image."""
    attributions = LayerGradCam(head, head.maps).attribute(maps, target=targets)
    assert isinstance(attributions, Tensor)
    return attributions[:, 0].detach()
