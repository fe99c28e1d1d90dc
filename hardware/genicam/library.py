"""The C interface of libaravis-0.8.so.0: finding cameras and opening one."""

import ctypes
from collections.abc import Mapping
from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_size_t, c_uint, c_uint64, c_void_p
from dataclasses import dataclass
from typing import Any, ClassVar

from hardware.genicam.trouble import AravisError, not_installed

_LIBRARY = "libaravis-0.8.so.0"
_INTERFACES = (b"GigEVision", b"USB3Vision")


class _Error(ctypes.Structure):
    _fields_: ClassVar = [("domain", ctypes.c_uint32), ("code", c_int), ("message", c_char_p)]


_FAILS = POINTER(POINTER(_Error))
"""The last argument of every call that can fail."""
_NUMBERS = POINTER(c_double)

_Signatures = Mapping[str, tuple[Any, list[Any]]]
"""Name of a call -> what it returns and takes, in the types of ctypes."""

_ARAVIS: _Signatures = {
    "arv_get_n_interfaces": (c_uint, []),
    "arv_get_interface_id": (c_char_p, [c_uint]),
    "arv_disable_interface": (None, [c_char_p]),
    "arv_update_device_list": (None, []),
    "arv_get_n_devices": (c_uint, []),
    "arv_get_device_id": (c_char_p, [c_uint]),
    "arv_get_device_vendor": (c_char_p, [c_uint]),
    "arv_get_device_model": (c_char_p, [c_uint]),
    "arv_camera_new": (c_void_p, [c_char_p, _FAILS]),
    "arv_camera_is_gv_device": (c_int, [c_void_p]),
    "arv_camera_get_device": (c_void_p, [c_void_p]),
    "arv_gv_device_is_controller": (c_int, [c_void_p]),
    "arv_gv_device_set_stream_options": (None, [c_void_p, c_int]),
    "arv_camera_is_feature_available": (c_int, [c_void_p, c_char_p, _FAILS]),
    "arv_camera_dup_available_enumerations_as_strings": (
        c_void_p,
        [c_void_p, c_char_p, POINTER(c_uint), _FAILS],
    ),
    "arv_camera_get_string": (c_char_p, [c_void_p, c_char_p, _FAILS]),
    "arv_camera_set_string": (None, [c_void_p, c_char_p, c_char_p, _FAILS]),
    "arv_camera_clear_triggers": (None, [c_void_p, _FAILS]),
    "arv_camera_set_acquisition_mode": (None, [c_void_p, c_int, _FAILS]),
    "arv_camera_get_payload": (c_uint, [c_void_p, _FAILS]),
    "arv_camera_create_stream": (c_void_p, [c_void_p, c_void_p, c_void_p, _FAILS]),
    "arv_camera_start_acquisition": (None, [c_void_p, _FAILS]),
    "arv_camera_stop_acquisition": (None, [c_void_p, _FAILS]),
    "arv_camera_is_exposure_time_available": (c_int, [c_void_p, _FAILS]),
    "arv_camera_is_exposure_auto_available": (c_int, [c_void_p, _FAILS]),
    "arv_camera_set_exposure_time_auto": (None, [c_void_p, c_int, _FAILS]),
    "arv_camera_get_exposure_time_bounds": (None, [c_void_p, _NUMBERS, _NUMBERS, _FAILS]),
    "arv_camera_get_exposure_time": (c_double, [c_void_p, _FAILS]),
    "arv_camera_set_exposure_time": (None, [c_void_p, c_double, _FAILS]),
    "arv_camera_is_gain_available": (c_int, [c_void_p, _FAILS]),
    "arv_camera_is_gain_auto_available": (c_int, [c_void_p, _FAILS]),
    "arv_camera_set_gain_auto": (None, [c_void_p, c_int, _FAILS]),
    "arv_camera_get_gain_bounds": (None, [c_void_p, _NUMBERS, _NUMBERS, _FAILS]),
    "arv_camera_get_gain": (c_double, [c_void_p, _FAILS]),
    "arv_camera_set_gain": (None, [c_void_p, c_double, _FAILS]),
    "arv_camera_is_frame_rate_available": (c_int, [c_void_p, _FAILS]),
    "arv_camera_get_frame_rate_bounds": (None, [c_void_p, _NUMBERS, _NUMBERS, _FAILS]),
    "arv_camera_get_frame_rate": (c_double, [c_void_p, _FAILS]),
    "arv_camera_set_frame_rate": (None, [c_void_p, c_double, _FAILS]),
    "arv_buffer_new_allocate": (c_void_p, [c_size_t]),
    "arv_stream_push_buffer": (None, [c_void_p, c_void_p]),
    "arv_stream_try_pop_buffer": (c_void_p, [c_void_p]),
    "arv_stream_timeout_pop_buffer": (c_void_p, [c_void_p, c_uint64]),
    "arv_stream_get_n_buffers": (None, [c_void_p, POINTER(c_int), POINTER(c_int)]),
    "arv_buffer_get_status": (c_int, [c_void_p]),
    "arv_buffer_get_frame_id": (c_uint64, [c_void_p]),
    "arv_buffer_get_image_data": (c_void_p, [c_void_p, POINTER(c_size_t)]),
    "arv_buffer_get_image_width": (c_int, [c_void_p]),
    "arv_buffer_get_image_height": (c_int, [c_void_p]),
    "arv_buffer_get_image_pixel_format": (ctypes.c_uint32, [c_void_p]),
    "arv_buffer_get_image_padding": (None, [c_void_p, POINTER(c_int), POINTER(c_int)]),
}
_GLIB: _Signatures = {
    "g_error_free": (None, [POINTER(_Error)]),
    "g_free": (None, [c_void_p]),
}
_GOBJECT: _Signatures = {
    "g_object_unref": (None, [c_void_p]),
    # Names and whole numbers in turns, then NULL; the one pair of properties that is set here.
    "g_object_set": (None, [c_void_p, c_char_p, c_int, c_char_p, c_int, c_void_p]),
}


Answer = int | float | bytes | None
"""What a call can return; numbers of 0 where it returns nothing."""


def _loaded(file: str, signatures: _Signatures) -> ctypes.CDLL:
    c = ctypes.CDLL(file)
    for name, (result, arguments) in signatures.items():
        call = getattr(c, name)
        call.restype, call.argtypes = result, arguments
    return c


def is_installed() -> bool:
    """Return whether there is Aravis on this computer."""
    try:
        ctypes.CDLL(_LIBRARY)
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Listed:
    """A camera that was found; its id is made of vendor, model and serial number."""

    id: str
    vendor: str
    model: str


class Library:
    """Aravis in this process.

    Raises:
        ScannerUnavailableError: Aravis, or a call that it should have, is not installed.
    """

    def __init__(self) -> None:
        try:
            self.arv = _loaded(_LIBRARY, _ARAVIS)
            self.glib = _loaded("libglib-2.0.so.0", _GLIB)
            self.gobject = _loaded("libgobject-2.0.so.0", _GOBJECT)
        except (OSError, AttributeError) as error:
            raise not_installed() from error
        for place in range(self.arv.arv_get_n_interfaces()):
            if (name := self.arv.arv_get_interface_id(place)) not in _INTERFACES:
                self.arv.arv_disable_interface(name)

    def look(self) -> tuple[Listed, ...]:
        """Return the cameras that are attached now; takes about a second.

        Each network that this computer is in is asked once, by a broadcast.
        """
        self.arv.arv_update_device_list()
        return self.listed()

    def listed(self) -> tuple[Listed, ...]:
        """Return what the last look found."""
        arv = self.arv
        return tuple(
            Listed(
                _text(arv.arv_get_device_id(place)),
                _text(arv.arv_get_device_vendor(place)),
                _text(arv.arv_get_device_model(place)),
            )
            for place in range(arv.arv_get_n_devices())
        )

    def checked(self, name: str, *arguments: object) -> Answer:
        """Return what the call `name` returns; its last argument, the error, is added here.

        Raises:
            AravisError: It failed.
        """
        failed = POINTER(_Error)()
        result: Answer = getattr(self.arv, name)(*arguments, byref(failed))
        if failed:
            code, said = failed.contents.code, _text(failed.contents.message)
            self.glib.g_error_free(failed)
            raise AravisError(code, said)
        return result


def _text(said: bytes | None) -> str:
    return (said or b"").decode(errors="replace").strip()
