"""Reads QR codes as a telephone does."""

import cv2
import numpy as np
import zxingcpp


def read_code(png: bytes) -> str:
    """What the code in a picture says; empty where none is found.

    By a library that did not draw it: OpenCV's own reader finds no code in one of twenty of its own pictures. Asked for
    any kind of code it takes some modules of one in 300 for a bar code of four signs.
    """
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    return "".join(code.text for code in zxingcpp.read_barcodes(picture, zxingcpp.BarcodeFormat.QRCode))
