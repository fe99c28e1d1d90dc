"""The style sheet, made from the tokens."""

from edge_app.ui import tokens as t
from edge_app.ui.tokens import Palette

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
QPushButton {{
  background: {raised}; border: 1px solid {line}; border-radius: 6px;
  padding: 0 {space3}px; min-height: {touch}px; text-align: center; icon-size: 20px;
}}
QPushButton:pressed, QPushButton:checked {{ background: {pressed}; }}
QPushButton:checked {{ border: 2px solid {focus}; }}
QPushButton:focus {{ border: 2px solid {focus}; }}
QPushButton:disabled {{ color: {disabled}; border-color: {raised}; background: {surface}; }}
QPushButton#primary {{
  background: {accent}; color: {on_accent}; border: 2px solid {accent}; font-size: {large}px;
  font-weight: bold; min-height: {primary}px; min-width: 208px;
}}
QPushButton#primary:pressed {{ background: {accent_pressed}; }}
QPushButton#primary:focus {{ border: 2px solid {focus}; }}
QPushButton#primary:disabled {{
  background: {raised}; color: {disabled}; border: 2px solid {raised};
}}
QPushButton#flat {{
  background: transparent; border: 2px solid transparent; text-align: left;
  padding: 0 {space2}px;
}}
QPushButton#row {{ text-align: left; }}
QPushButton#study {{ text-align: left; min-height: {primary}px; }}
QPushButton#key {{ font-size: {large}px; font-weight: bold; }}
QPushButton#all {{ padding: 0 {space1}px; }}
QPushButton#flat:pressed, QPushButton#flat:checked {{ background: {raised}; }}
QPushButton#flat:checked {{ border: 2px solid {line}; }}
QPushButton#flat:focus {{ border: 2px solid {focus}; }}
QFrame#tools {{ background: {surface}; border-right: 1px solid {line}; }}
QToolButton {{
  background: transparent; border: 2px solid transparent; border-radius: 6px;
  min-height: {tool}px; padding: 0;
}}
QToolButton:pressed, QToolButton:checked {{ background: {pressed}; }}
QToolButton:checked {{ border: 2px solid {line}; }}
QToolButton:focus {{ border: 2px solid {focus}; }}
QToolButton:disabled {{ color: {disabled}; }}
QPushButton#step {{
  background: transparent; border: none; border-bottom: 3px solid {line}; border-radius: 0;
  color: {muted}; padding: 0;
}}
QPushButton#step:enabled {{ color: {text}; }}
QPushButton#step:checked {{ border-bottom: 3px solid {focus}; font-weight: bold; }}
QPushButton#step:focus {{ background: {raised}; }}
QPushButton#step:disabled {{ color: {disabled}; }}
QLineEdit {{
  background: {raised}; border: 2px solid {line}; border-radius: 6px; font-size: {value}px;
  padding: 0 {space3}px; min-height: {primary}px; selection-background-color: {accent};
}}
QLineEdit:focus {{ border-color: {focus}; }}
QComboBox {{
  background: {raised}; border: 1px solid {line}; border-radius: 6px; padding: 0 {space3}px;
  min-height: {touch}px;
}}
QComboBox QAbstractItemView {{ background: {raised}; selection-background-color: {accent}; }}
QSlider {{ min-height: {touch}px; background: transparent; }}
QSlider::groove:horizontal {{ height: 8px; background: {pressed}; border-radius: 4px; }}
QSlider::handle:horizontal {{
  width: 32px; height: 32px; margin: -13px 0; border-radius: 17px; background: {text};
  border: 1px solid {line};
}}
QSlider::handle:horizontal:focus {{ background: {focus}; }}
QSlider::handle:horizontal:disabled {{ background: {disabled}; }}
QTextBrowser#reading {{ background: {window}; border: none; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: {surface}; width: 12px; }}
QScrollBar::handle:vertical {{ background: {disabled}; border-radius: 4px; min-height: 48px; }}
QScrollBar:horizontal {{ background: {surface}; height: 12px; }}
QScrollBar::handle:horizontal {{ background: {disabled}; border-radius: 4px; min-width: 48px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QWidget#scrim {{ background: rgba(0, 0, 0, 170); }}
"""


def style_sheet(palette: Palette) -> str:
    """Return the Qt style sheet of one theme."""
    return _SHEET.format(
        fonts=", ".join(f'"{font}"' for font in t.FONTS),
        body=t.BODY_PX,
        large=t.LARGE_PX,
        title=t.TITLE_PX,
        value=t.VALUE_PX,
        space1=t.SPACE_1,
        space2=t.SPACE_2,
        space3=t.SPACE_3,
        touch=t.TOUCH_PX,
        tool=t.TOUCH_PX - 2,  # its borders make up for it
        primary=t.PRIMARY_PX,
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
