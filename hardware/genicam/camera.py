"""One camera that was opened through Aravis; every call may raise `AravisError`."""

import ctypes
from ctypes import POINTER, byref, c_char_p, c_double, c_uint, c_void_p
from enum import Enum

from hardware.genicam.library import Answer, Library
from hardware.genicam.stream import Stream
from hardware.genicam.trouble import AravisError, Code

_CONTINUOUS, _OFF, _NO_PACKET_SOCKET = 0, 0, 1  # arvenums.h, arvgvdevice.h


class Number(Enum):
    """A number that many cameras can be set to, by Aravis' word for it."""

    EXPOSURE_US = "exposure_time"
    GAIN = "gain"
    FRAME_RATE = "frame_rate"


_AUTOMATIC = {
    Number.EXPOSURE_US: ("exposure_auto", "exposure_time_auto"),
    Number.GAIN: ("gain_auto", "gain_auto"),
}
"""What asks whether the camera may change a number by itself, and what is turned off then."""


class Camera:
    """A camera that this process controls, or tried to: look at `is_controlled`."""

    def __init__(self, library: Library, camera_id: str) -> None:
        self._library = library
        opened = library.checked("arv_camera_new", camera_id.encode())
        if not opened:
            raise AravisError(Code.NOT_FOUND, "no camera")
        self._camera = opened
        self._network = None
        if library.arv.arv_camera_is_gv_device(opened):
            self._network = library.arv.arv_camera_get_device(opened)

    @property
    def is_controlled(self) -> bool:
        """Whether this process may set the camera, as far as its last sign of life tells.

        A camera in the network is asked about it every second, on a thread of Aravis'. One on a
        USB cable says nothing of the sort.
        """
        arv = self._library.arv
        return self._network is None or bool(arv.arv_gv_device_is_controller(self._network))

    def has(self, feature: str) -> bool:
        """Return whether the camera has a feature of this name now."""
        asked = "arv_camera_is_feature_available"
        return bool(self._library.checked(asked, self._camera, feature.encode()))

    def words(self, feature: str) -> tuple[str, ...]:
        """Return the words that a feature takes now; none where it takes no words."""
        found = c_uint()
        asked = "arv_camera_dup_available_enumerations_as_strings"
        try:
            listed = self._library.checked(asked, self._camera, feature.encode(), byref(found))
        except AravisError as error:
            if error.code in {Code.WRONG_FEATURE, Code.FEATURE_NOT_FOUND}:
                return ()
            raise
        if not isinstance(listed, int):
            return ()
        texts = ctypes.cast(c_void_p(listed), POINTER(c_char_p))
        words = tuple((texts[place] or b"").decode() for place in range(found.value))
        self._library.glib.g_free(listed)
        return words

    def word(self, feature: str) -> str:
        """Return the word that a feature stands at."""
        said = self._library.checked("arv_camera_get_string", self._camera, feature.encode())
        return said.decode(errors="replace") if isinstance(said, bytes) else ""

    def set_word(self, feature: str, word: str) -> None:
        """Set a feature to one of its words."""
        texts = feature.encode(), word.encode()
        self._library.checked("arv_camera_set_string", self._camera, *texts)

    def can(self, number: Number) -> bool:
        """Return whether the camera has this number."""
        return bool(self._ask(f"is_{number.value}_available"))

    def bounds(self, number: Number) -> tuple[float, float]:
        """Return the least and the greatest value that can be set now."""
        low, high = c_double(), c_double()
        self._ask(f"get_{number.value}_bounds", byref(low), byref(high))
        return low.value, high.value

    def value(self, number: Number) -> float:
        """Return the number's value now."""
        return float(self._ask(f"get_{number.value}") or 0.0)

    def set_value(self, number: Number, value: float) -> None:
        """Set a number by hand: what the camera would do to it by itself is turned off."""
        if number in _AUTOMATIC:
            asked, turned = _AUTOMATIC[number]
            if self._ask(f"is_{asked}_available"):
                self._ask(f"set_{turned}", _OFF)
        self._ask(f"set_{number.value}", value)

    def started(self) -> "Stream":
        """Have the camera send frames one after another, without waiting for a trigger."""
        library = self._library
        if self._network is not None:
            # The other way to receive needs an administrator's rights, and brought nothing at all
            # over loopback when it was tried.
            library.arv.arv_gv_device_set_stream_options(self._network, _NO_PACKET_SOCKET)
        self._ask("clear_triggers")
        self._ask("set_acquisition_mode", _CONTINUOUS)
        size = int(self._ask("get_payload") or 0)
        stream = Stream(library, self._ask("create_stream", None, None), size)
        if self._network is not None:
            stream.make_room()
        try:
            self._ask("start_acquisition")
        except AravisError:
            stream.close()
            raise
        return stream

    def stop(self) -> None:
        """Have the camera send nothing any more."""
        self._ask("stop_acquisition")

    def close(self) -> None:
        """Give up control; the camera is free for others."""
        self._library.gobject.g_object_unref(self._camera)

    def _ask(self, call: str, *arguments: object) -> Answer:
        return self._library.checked(f"arv_camera_{call}", self._camera, *arguments)
