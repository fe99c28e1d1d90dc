"""What the chosen scanner is doing, in a few words."""

from PyQt6.QtCore import QCoreApplication

from edge_app.ui.live_feed import FeedState, LiveFeed
from edge_app.ui.words import trouble_words


def scanner_words(feed: LiveFeed) -> str:
    """Return the state of the chosen scanner as the header and the devices page say it."""
    translate = QCoreApplication.translate
    if feed.is_lent:
        return translate("Scanner", "Being calibrated")
    if feed.trouble:
        return trouble_words(feed.trouble)
    if feed.is_stalled:
        return translate("Scanner", "Scanner silent")
    return {
        FeedState.NO_SCANNER: translate("Scanner", "No scanner"),
        FeedState.STARTING: translate("Scanner", "Scanner not open"),
        FeedState.LIVE: translate("Scanner", "Scanner ready"),
        FeedState.LOST: translate("Scanner", "Scanner lost"),
        FeedState.ENDED: translate("Scanner", "Scanner at its end"),
    }[feed.state]
