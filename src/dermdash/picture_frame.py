"""Where a stored image lies in the picture that a browser was sent, which has a margin and may be smaller.

Annotators get no stored image but a picture made from it (`dermdash.dataset.reader_image`). What they mark are pixels
of that picture; what is kept are pixels of the image, whoever looks at it later.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PictureFrame:
    """An image of ``width`` x ``height`` pixels within a picture.

    ``left`` and ``top``: its corner there; ``shown_width`` and ``shown_height``: its size there. The picture itself is
    ``picture_width`` x ``picture_height``. All in pixels.
    """

    width: int
    height: int
    left: int
    top: int
    shown_width: int
    shown_height: int
    picture_width: int
    picture_height: int

    def to_image(self, point: tuple[float, float]) -> tuple[float, float]:
        """Where a point of the picture lies in the image.

        The margin mirrors the image, and nobody sees where it begins: what lies in it is taken to the image's edge.
        What lies outside the picture stays outside.
        """
        x, y = point
        inner_x = (x - self.left) * self.width / self.shown_width
        inner_y = (y - self.top) * self.height / self.shown_height
        if 0 <= x <= self.picture_width:
            inner_x = min(max(inner_x, 0.0), float(self.width))
        if 0 <= y <= self.picture_height:
            inner_y = min(max(inner_y, 0.0), float(self.height))
        return inner_x, inner_y

    def to_picture(self, point: tuple[float, float]) -> tuple[float, float]:
        """Where a point of the image lies in the picture."""
        x, y = point
        return self.left + x * self.shown_width / self.width, self.top + y * self.shown_height / self.height
