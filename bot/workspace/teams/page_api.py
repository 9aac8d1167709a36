"""What the Teams page and the terminal client ask: the state, live changes, what a person does.

Every path is under /page/api/teams/. `as` is an alias ("agent"), an Entra object id or a "29:..."
address. `conversation` is an id, a name ("support-ops", "Returns") or "personal" (the person's own
with the bot). Answers are `{"ok": true, ...}` or `{"ok": false, "error": text, "errors": {input
id: text}}` (status 422 when inputs are missing or wrong). 404 everywhere: Teams is not on.

GET  state?as=      {epoch, number, tenant_id, team: {id, name}, me: Person, is_bot_there,
                     bot: {id, name}, people: [Person], conversations: [Conversation],
                     messages: {conversation id: [Message]}, dialog: Dialog | null,
                     commands: [{title, description}], extensions: [{command_id, title}]}
GET  messages?as=&conversation=&before=<message id>     {messages: [Message]}, oldest first
GET  recent?as=[&conversation=]                         {messages: [Message]}, newest first
POST refresh {as[, conversation]}                       {refreshed: n}: ask after the cards that
     refresh by themselves for this person, as a client does that shows them. Call it on load, and
     after each teams_message whose `refresh` is true: what is not due is not asked.
POST say {as, conversation, text[, thread]}             {conversation, id, thread}; "@Assent" in the
     text is the mention; `thread` is a root's id (channels alone have threads)
POST edit {as, conversation, message, text}             {}
POST delete {as, conversation, message}                 {}
POST react {as, conversation, message, reaction, is_added}   {}; reaction: like, heart, laugh,
     surprised, sad, angry
POST press {as, conversation, message, action, version[, inputs][, is_old_client]}
                    {answer: Answer}; `action` is the button's place in the card, a JSON pointer:
     "/actions/0", "/body/3/actions/1", "/body/2/selectAction", "/actions/2/card/actions/0" (inside
     a ShowCard); `version` is that of the message as it was shown (409 when it is another by now);
     `inputs` is {input id: text}, a toggle's its valueOn or valueOff, a choice's its value (several:
     with commas). `is_old_client` uses an Action.Execute's fallback. Action.OpenUrl, ShowCard and
     ToggleVisibility are the page's own.
POST extension {as, conversation, message[, command]}   {answer}: a message's menu ("Ask Assent")
POST dialog/submit {as, dialog, action[, inputs]}       {answer}; `action` as above, in its card
POST dialog/close {as, dialog}                          {}
POST install {as, conversation, is_in}                  {}: add the bot, or remove it

Person        {alias, name, given_name, object_id, address, email, role: "user"|"guest", tenant_id}
Conversation  {id, name, kind: "channel"|"group"|"personal", has_bot, members: [alias]}
Message       {conversation, id, thread, from: {alias (null: the bot), name}, is_bot, at (ms since
               1970), text, text_format: "plain"|"markdown", card: Adaptive Card | null, version,
               is_own_view (this card is this person's alone), refresh (bool: it asks for automatic
               refresh, and for this person), said: {kind: "message"|"error", text} | null (what
               the last press answered, for this person alone), summary, is_edited, is_deleted,
               reactions: {reaction: [alias]}}
              `thread` is the root's id in a channel (a root's: its own id), "" elsewhere. A
              person's `text` shows mentions as "@Assent"; a bot's is Markdown.
Dialog        {id, title, height, width (a number of pixels or "small"|"medium"|"large"), card,
               version}
Answer        {kind: "card" (this person's view was replaced) | "message" (text) | "error" (text) |
               "dialog" (it is open: see state.dialog or the feed) | "closed" | "sent" (a plain
               Action.Submit: nothing is answered), text}

Live changes come over /page/api/feed?as=<alias>&epoch=&after= beside the Slack side's, already
meant for the person who listens:
  teams_message      a Message, new or changed, as this person sees it
  teams_removed      {conversation, id}: gone entirely (the bot deleted its message)
  teams_dialog       {dialog: Dialog | null}
  teams_conversation a Conversation: the bot came or went, a personal chat began
  teams_presence     {is_there}
"""
