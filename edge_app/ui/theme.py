"""The style sheet, made from the tokens and the look."""

from edge_app.ui import tokens as t
from edge_app.ui.look import Look

_SHEET = """
* {{ font-family: {fonts}; font-size: {body}px; color: {text}; }}
QWidget#kiosk, QWidget#page {{ background: {window}; }}
QFrame#header, QFrame#footer {{ background: {surface}; }}
QFrame#header {{ border-bottom: 1px solid {line}; }}
QFrame#footer {{ border-top: 1px solid {line}; }}
QFrame#panel {{ background: {surface}; border-left: 1px solid {line}; }}
QFrame#card {{ background: {surface}; border: 1px solid {line}; border-radius: 8px; }}
QLabel#banner {{ background: {window}; color: {muted}; }}
QLabel#alarm {{ background: {text}; color: {window}; font-size: {large}px; font-weight: bold; }}
QLabel#title {{ font-size: {title}px; font-weight: bold; }}
QLabel#large {{ font-size: {large}px; font-weight: bold; }}
QLabel#value {{ font-size: {value}px; font-weight: bold; }}
QLabel#said {{ font-size: {large}px; }}
QLabel#muted {{ color: {muted}; }}
QLabel:disabled {{ color: {disabled}; }}
QToolTip {{ background: {surface}; color: {text}; border: 1px solid {line}; }}
QPushButton {{
  background: {raised}; border: 1px solid {line}; border-radius: 6px;
  padding: 0 {space3}px; min-height: {touch}px; text-align: center; icon-size: {icon}px;
}}
QPushButton:pressed, QPushButton:checked {{ background: {pressed}; }}
QPushButton:checked {{ border: 2px solid {focus}; }}
QPushButton:focus {{ border: {ring}px solid {focus}; }}
QPushButton:checked:focus {{ border: {ring}px double {focus}; }}
QPushButton:disabled {{ color: {disabled}; border-color: {raised}; background: {surface}; }}
QPushButton#primary {{
  background: {accent}; color: {on_accent}; border: 2px solid {accent}; font-size: {large}px;
  font-weight: bold; min-height: {primary}px; icon-size: {large_icon}px;
}}
QPushButton#primary:pressed {{ background: {accent_pressed}; }}
QPushButton#primary:focus {{ border: {ring}px solid {focus}; }}
QPushButton#primary:disabled {{
  background: {raised}; color: {disabled}; border: 2px solid {raised};
}}
QPushButton#flat {{
  background: transparent; border: 2px solid transparent; text-align: left;
  padding: 0 {space2}px;
}}
QPushButton#row {{ text-align: left; min-height: {primary}px; }}
QPushButton#study {{ text-align: left; min-height: {primary}px; }}
QPushButton#key {{ font-size: {large}px; font-weight: bold; }}
QPushButton#pin {{ min-height: {primary}px; font-size: {large}px; font-weight: bold; }}
QPushButton#all {{ padding: 0 {space1}px; }}
QPushButton#nudge, QPushButton#verdict {{ padding: 0; min-width: {touch}px; }}
QPushButton#flat:pressed, QPushButton#flat:checked {{ background: {raised}; }}
QPushButton#flat:checked {{ border: 2px solid {line}; }}
QPushButton#flat:focus {{ border: {ring}px solid {focus}; }}
QFrame#tools {{ background: {surface}; border-right: 1px solid {line}; }}
QToolButton {{
  background: transparent; border: 2px solid transparent; border-radius: 6px;
  min-height: {tool}px; padding: 0; icon-size: {icon}px;
}}
QToolButton:pressed, QToolButton:checked {{ background: {pressed}; }}
QToolButton:checked {{ border: 2px solid {line}; }}
QToolButton:focus {{ border: {ring}px solid {focus}; }}
QToolButton:disabled {{ color: {disabled}; }}
QPushButton#step {{
  background: transparent; border: none; border-bottom: 3px solid {line}; border-radius: 0;
  color: {muted}; padding: 0;
}}
QPushButton#step:enabled {{ color: {text}; }}
QPushButton#step:checked {{ background: {raised}; border-bottom: 3px solid {focus}; }}
QPushButton#step:focus {{ border: {ring}px solid {focus}; }}
QPushButton#step:disabled {{ color: {disabled}; }}
QLineEdit {{
  background: {raised}; border: 2px solid {line}; border-radius: 6px; font-size: {value}px;
  padding: 0 {space3}px; min-height: {primary}px; selection-background-color: {accent};
  selection-color: {on_accent}; placeholder-text-color: {muted};
}}
QLineEdit:focus {{ border: {ring}px solid {focus}; }}
QComboBox {{
  background: {raised}; border: 1px solid {line}; border-radius: 6px; padding: 0 {space3}px;
  min-height: {touch}px;
}}
QComboBox:focus {{ border: {ring}px solid {focus}; }}
QComboBox QAbstractItemView {{
  background: {raised}; selection-background-color: {accent}; selection-color: {on_accent};
}}
QComboBox QAbstractItemView::item {{ min-height: {touch}px; }}
QSlider {{ min-height: {touch}px; background: transparent; border: {ring}px solid transparent; }}
QSlider:focus {{ border: {ring}px solid {focus}; border-radius: 6px; }}
QSlider::groove:horizontal {{ height: 8px; background: {pressed}; border-radius: 4px; }}
QSlider::handle:horizontal {{
  width: 32px; height: 32px; margin: -13px 0; border-radius: 17px; background: {text};
  border: 1px solid {line};
}}
QSlider::handle:horizontal:disabled {{ background: {disabled}; }}
QWidget#pad {{ border: {ring}px solid transparent; border-radius: 6px; }}
QWidget#pad:focus {{ border: {ring}px solid {focus}; }}
QTextBrowser#reading {{ background: {window}; border: {ring}px solid {window}; }}
QTextBrowser#reading:focus {{ border: {ring}px solid {focus}; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
QScrollArea#stop {{ border: {ring}px solid transparent; }}
QScrollArea#stop:focus {{ border: {ring}px solid {focus}; }}
QScrollBar:vertical {{ background: transparent; width: {touch}px; }}
QScrollBar::handle:vertical {{
  background: {disabled}; border-radius: 8px; min-height: {touch}px; margin: 0 {bar}px;
}}
QScrollBar:horizontal {{ background: transparent; height: {touch}px; }}
QScrollBar::handle:horizontal {{
  background: {disabled}; border-radius: 8px; min-width: {touch}px; margin: {bar}px 0;
}}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QWidget#scrim {{ background: rgba(0, 0, 0, 170); }}
"""
_BAR_PX = 16


def style_sheet(look: Look) -> str:
    """Return the Qt style sheet of one look."""
    palette = look.palette
    return _SHEET.format(
        fonts=", ".join(f'"{font}"' for font in t.FONTS),
        body=look.letters_px(t.BODY_PX),
        large=look.letters_px(t.LARGE_PX),
        title=look.letters_px(t.TITLE_PX),
        value=look.letters_px(t.VALUE_PX),
        icon=look.letters_px(t.ICON_PX),
        large_icon=look.letters_px(t.LARGE_ICON_PX),
        space1=t.SPACE_1,
        space2=t.SPACE_2,
        space3=t.SPACE_3,
        ring=t.RING_PX,
        bar=(look.touch_px - _BAR_PX) // 2,
        touch=look.touch_px,
        tool=look.touch_px - 2,  # its borders make up for it
        primary=max(t.PRIMARY_PX, look.touch_px),
        window=palette.window,
        surface=palette.surface,
        raised=palette.raised,
        pressed=palette.pressed,
        line=palette.line,
        text=palette.text,
        muted=palette.muted,
        disabled=palette.disabled,
        accent=palette.accent,
        accent_pressed=palette.accent_pressed,
        on_accent=palette.on_accent,
        focus=palette.focus,
    )
