"""The limits of Block Kit and messages, each with where it comes from."""

# docs.slack.dev/reference/block-kit/blocks
BLOCKS_PER_MESSAGE = 50
BLOCKS_PER_VIEW = 100
BLOCK_ID_CHARACTERS = 255
ACTION_ID_CHARACTERS = 255
HEADER_CHARACTERS = 150
SECTION_CHARACTERS = 3000
SECTION_FIELDS = 10
SECTION_FIELD_CHARACTERS = 2000
CONTEXT_ELEMENTS = 10
ACTIONS_ELEMENTS = 25
MARKDOWN_CHARACTERS_PER_MESSAGE = 12_000
INPUT_LABEL_CHARACTERS = 2000
INPUT_HINT_CHARACTERS = 2000
IMAGE_URL_CHARACTERS = 3000
IMAGE_ALT_CHARACTERS = 2000
TABLE_ROWS = 100
TABLE_COLUMNS = 20
TABLE_CHARACTERS = 10_000
# docs.slack.dev: "only one table per message"; a second is refused as invalid_attachments or
# only_one_table_allowed depending on the client, so plan for one.
TABLES_PER_MESSAGE = 1

# docs.slack.dev/reference/block-kit/block-elements and composition-objects
BUTTON_TEXT_CHARACTERS = 75
BUTTON_VALUE_CHARACTERS = 2000
URL_CHARACTERS = 3000
PLACEHOLDER_CHARACTERS = 150
OPTION_TEXT_CHARACTERS = 75
OPTION_VALUE_CHARACTERS = 150
OPTION_DESCRIPTION_CHARACTERS = 75
SELECT_OPTIONS = 100
OVERFLOW_OPTIONS = 5
CHOICE_OPTIONS = 10
CONFIRM_TITLE_CHARACTERS = 100
CONFIRM_TEXT_CHARACTERS = 300
CONFIRM_BUTTON_CHARACTERS = 30
TEXT_INPUT_CHARACTERS = 3000

# docs.slack.dev/reference/views
VIEW_TITLE_CHARACTERS = 24
VIEW_BUTTON_CHARACTERS = 24
PRIVATE_METADATA_CHARACTERS = 3000
CALLBACK_ID_CHARACTERS = 255
EXTERNAL_ID_CHARACTERS = 255
VIEWS_IN_A_STACK = 3

# Measured by others at about 13,200 characters over all blocks (bolt-js#2509).
MESSAGE_BLOCKS_CHARACTERS = 13_200
# docs.slack.dev/reference/methods/chat.postMessage: text is cut at 40,000; here it is refused, so
# that a bot learns of it. chat.update refuses above 4,000 (its error list: msg_too_long).
MESSAGE_TEXT_CHARACTERS = 40_000
UPDATE_TEXT_CHARACTERS = 4_000

# docs.slack.dev: trigger ids live 3 s; response URLs serve 5 times within 30 minutes.
TRIGGER_SECONDS = 3.0
RESPONSE_URL_USES = 5
RESPONSE_URL_SECONDS = 30 * 60.0

# Ours: what one request to this small server may hold.
REQUEST_BYTES = 2 * 1024 * 1024
FILE_BYTES = 1024 * 1024
