"""Every figure of the Teams side, with its source."""

# learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages: a bot's message
# may have about 100 KB, 413 above.
MESSAGE_BYTES = 100 * 1024
# facts: an Adaptive Card of more than about 80 KB is refused by some clients.
CARD_BYTES = 100 * 1024
# learn.microsoft.com/.../bots/how-to/rate-limit: sending into one conversation, (calls, seconds).
SENDS = ((7, 1.0), (60, 30.0), (1_800, 3_600.0))
# learn.microsoft.com/.../user-specific-views: refresh.userIds names at most 60 people.
REFRESH_USERS = 60
# the same: an automatic refresh at most once a minute, unless the message changed.
REFRESH_SECONDS = 60.0
# learn.microsoft.com/.../work-with-universal-actions: a bot answers an invoke within 10 s.
INVOKE_SECONDS = 10.0
# learn.microsoft.com/.../get-teams-context: a page of a roster has 50 to 500 members.
ROSTER_PAGE_MIN = 50
ROSTER_PAGE_MAX = 500
# learn.microsoft.com/azure/bot-service/rest-api: a bot's access token lives an hour.
ACCESS_SECONDS = 3_600
# Ours: how long a token of what we send to the bot serves; botbuilder allows 5 min of skew.
CHANNEL_TOKEN_SECONDS = 3_600
# learn.microsoft.com/.../what-are-task-modules: heights and widths of a dialog by name.
DIALOG_SIZES = ("small", "medium", "large")
DIALOG_TITLE_CHARACTERS = 1_000
# Teams refuses a message of a person above about 28 KB.
PERSON_TEXT_CHARACTERS = 28_000
# Ours: what one input takes where the card says no maxLength.
INPUT_CHARACTERS = 28_000
# Ours: how deep a card may nest, and how many elements it may have.
CARD_DEPTH = 30
CARD_ELEMENTS = 2_000
# A page shows this many of a conversation's newest messages at first; older ones on demand.
HISTORY_MESSAGES = 100
# Ours: how many of the newest messages a search for a card looks at, or a refresh asks after.
RECENT_MESSAGES = 200
REFRESHED_CARDS = 20
# Ours: the longest a fault may keep a caller waiting.
FAULT_SECONDS_MAX = 120.0
# Ours: the most of the bot's answer that is read.
ANSWER_BYTES = 512 * 1024
# Ours: waits before what the bot did not take is delivered again.
RETRY_DELAYS_SECONDS = (0.5, 2.0, 10.0, 60.0)
# Bot Framework gives a bot 15 s for what is no invoke.
ACTIVITY_SECONDS = 15.0
