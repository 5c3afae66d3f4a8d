# What people read. Terms are Telegram's own: invite link, admin, member limit, join request,
# approval, primary link. A phone shows about 32 columns.

## Spans and times

span-days = { $n } d
span-hours = { $n } h
span-minutes = { $n } min
ago = { $span } ago
just-now = just now

## Commands, as Telegram's menu lists them

command-invites = Every invite link of the chat
command-invite = One link, or a new one
command-chats = Choose the chat to ask about
command-sync = Read the links anew from Telegram
command-status = What is known, and how fresh
command-help = How to ask
command-start = Begin

## How fresh and how whole

fresh-as-of = as of { $ago } · { $readable } of { $known } { $known ->
    [one] admin
   *[other] admins
}
fresh-as-of-plain = as of { $ago }
fresh-reading = reading… { $ended } of { $listings } { $listings ->
    [one] listing
   *[other] listings
}
fresh-begun = { $ended } of { $listings } { $listings ->
    [one] listing
   *[other] listings
} read so far
fresh-not-yet = Not read yet: /sync asks for it.
fresh-bot-only = this bot's links: whole · others: those used since { $day }
fresh-bot-only-new = this bot's links: whole · others: once they are used
fresh-waiting = Telegram makes the account wait until { $until }.
fresh-offline = The account has had no connection since { $since }.
fresh-stale = No word from the account since { $since }.
fresh-lost = The account was signed out: the host must sign it in again.
fresh-unreadable = Others' links: not readable since { $day }.
fresh-outside = The account is not in this chat.
fresh-not-admin = The account is no admin here who may invite people: it reads no links.
fresh-own-only = The account is not the owner: it reads only its own links.
fresh-public = Public chat: most people join without a link being recorded. Counts are a minimum.

## The list

list-live = { $n } live
list-revoked = { $n } revoked
list-warned = { $n } ⚠
list-links = { $n ->
    [one] { $n } link
   *[other] { $n } links
}
list-of = { $n ->
    [one] { $n } link of { $name }
   *[other] { $n } links of { $name }
}
list-of-you = { $n ->
    [one] { $n } link of yours
   *[other] { $n } links of yours
}
list-of-bots = { $n ->
    [one] { $n } link of bots
   *[other] { $n } links of bots
}
list-empty = No invite link is known here yet.

    Make one: /invite new Spring ads 7d
list-empty-revoked = No revoked link is known here.
list-empty-mine = No link of yours here.

    Make one: /invite new Spring ads 7d
list-empty-whose = No such link here.
row-you = you
row-primary = primary
row-joined = { $n } joined
row-places = { $n ->
    [one] { $n } place
   *[other] { $n } places
}
row-no-limit = no limit
row-never-ends = never ends
row-expired = expired
row-full = full
row-approval = approval
row-waiting = { $n } waiting
row-revoked = revoked
row-gone = gone

button-mine = Mine
button-all = All
button-whose = Whose…
button-bots = Bots { $n }
button-creator = { $name } { $n }
button-revoked = Revoked
button-current = Current
button-new = ＋ New
button-private = Private
button-list = ◀ List
button-again = Try again

whose-title = Whose links?
new-how = Send one line, such as
new-how-example = /invite new Spring ads 7d x10 ask
new-how-rest = 7d: works for 7 days (2h30m, 2w…)
    x10: for 10 members
    ask: an admin approves each request

    x10 and ask do not go together. All three may be left out.

## The card

state-live = live
state-expired = expired
state-full = full
state-revoked = revoked
state-gone = no longer listed
card-by = by { $name }
card-by-you = by you
card-via-bot = by { $name }, via this bot
card-via-bot-you = by you, via this bot
card-still-here = { $n } still here
card-places = { $left } of { $limit } places left
card-no-limit = no limit
card-ends = ends { $when } (in { $span })
card-ended = ended { $when }
card-never-ends = never ends
card-approval = an admin approves each request
card-pending = { $n ->
    [one] { $n } join request waits
   *[other] { $n } join requests wait
}
card-last-join = last join { $ago }
card-created = created { $day }
card-first-seen = first seen { $day }
card-maker-left = ⚠ its maker is no admin any more
card-cut = Only the start of this link is known: someone joined by it. The rest shows once the account reads it.
card-changed-by = can be changed by: { $who }
card-key-refused = The full link is only for { $name } and the owner.
who-bot = this bot
who-you = you, in the app
who-maker = { $name }, in the app
who-owner = the owner, in the app
who-other-bot = only the bot { $name }
button-show = Show
button-copy = Copy
button-copy-now = Copy the link
button-revoke = Revoke
button-hide = Hide
card-hides = hidden again in 10 min
copy-ready = The button below copies the full link.
hidden = #{ $number } { $name }: hidden again.
button-card = Card of #{ $number }

## Revoking

revoke-ask = Revoke #{ $number } ‘{ $name }’ in { $chat }?
undo-ask = Undo #{ $number } ‘{ $name }’ in { $chat }?
revoke-what = The link stops working everywhere at once. { $n ->
    [0] Nobody joined by it.
    [one] The one who joined by it stays.
   *[other] The { $n } who joined by it stay.
} This cannot be undone.
revoke-again = That yes was too old or used already, so I ask anew.
button-revoke-yes = Revoke #{ $number }
button-keep = Keep it
revoked-now = Revoked just now.

## A new link

created-title = #{ $number } ‘{ $name }’
created-lasts = { $span } (until { $when })
created-never-ends = never ends
created-members = { $n ->
    [one] { $n } member
   *[other] { $n } members
}
created-no-limit = no limit
created-approval = with approval
created-no-approval = no approval
button-undo = Undo
may-exist = ‘{ $name }’ in { $chat } may exist already.
may-exist-why = I was interrupted just when I asked Telegram for it, so I do not ask again. Look under Edit → Invite links in the group, or send the line anew.

## Chats

chats-title = Which chat?
chats-chosen = You ask about { $chat } now.
chats-none = No chat here where you are an admin who may invite people.

    Add me to your group as an admin with the right to invite, then ask here: /chats
chat-button = { $title }
chat-button-chosen = ✓ { $title }

## Reading anew

sync-asked = { $chat }: asked. The account reads the links next.
sync-doing = { $chat }: reading… { $ended } of { $listings } { $listings ->
    [one] listing
   *[other] listings
}, { $links } { $links ->
    [one] link
   *[other] links
} so far.
sync-waiting = Telegram makes the account wait until { $until }; then it goes on by itself.
sync-done = { $chat }: read.
sync-figures = { $links } { $links ->
    [one] link
   *[other] links
} · { $new } new · { $changed } changed · { $gone } gone
sync-coverage = { $readable } of { $known } { $known ->
    [one] admin
   *[other] admins
} readable
sync-refused = { $chat }: could not be read. { $reason ->
    [no-session] No account is signed in: the host does that with `console login`.
    [not-in-chat] The account is not in this chat.
    [channel-private] The account is not in this chat any more.
    [chat-admin-required] The account is no admin who may invite people there.
    [unknown-type] Telegram answered in a way this version does not know: update it.
   *[other] Telegram said: { $reason }
}
sync-unknown = { $chat }: how far the reading came is unknown. Ask again: /sync
sync-no-account = { $chat }: asked, but no account is signed in. The host does that with `console login`. Until then I know only my own links and who joins.

## Status

status-bot = Bot: { $role ->
    [owner] owner
    [admin] admin who may invite
    [powerless] admin, but may not invite people
    [member] no admin: make it one
    [outside] not in the chat
   *[unknown] not looked up yet
}
status-account = Account: { $state ->
    [absent] none signed in
    [starting] starting
    [ready] at work
    [waiting] must wait
    [offline] no connection
    [lost] signed out
   *[stale] no word from it
}
status-account-role = Account here: { $role ->
    [owner] owner
    [admin] admin
    [powerless] admin without invite right
    [member] member
    [outside] not in the chat
   *[unknown] not looked up yet
}
status-since = since { $since }
status-asked = New reading asked { $ago }: { $state ->
    [doing] under way
    [absent] waits for an account
    [lost] waits for an account
   *[other] waits for the account
}
status-links = Links: { $n } live
status-host = For you as the host
status-person = Signed in: { $name }
status-inbox = Updates: { $waiting } waiting · { $quarantined } set aside
status-chats = Chats served: { $n }
status-calls = Calls of the account: { $n }
status-wait = { $method }: wait until { $until }

## Start and help

start-hello = I list every invite link of your group: who made it, how many joined by it, what places are left.
start-next = In your group send /invites, or choose a chat here: /chats
start-stranger = Add me to your group as an admin with the right to invite people.
help-title = How to ask
help-examples = Examples
help-example-invites = /invites: all links
    /invites mine · /invites @ann
    /invites revoked
    /invite 12: the card of #12
help-example-new = /invite new Spring ads 7d x10
    /invite new Club ask
help-key = A full link shows only after Show or Copy, to you alone; each time is noted.

not-understood = I answer commands, such as /invites. All of them: /help

## What stands around an answer

one-moment = One moment…
answered-privately = Answered privately.
press-start = Press Start to read it.
button-open-private = Open in private
not-here = This button does not work here.

## The host

host-asks = ‘{ $chat }’ waits, added by { $name }. Serve it?
host-asks-unknown = ‘{ $chat }’ waits. Serve it?
button-serve = Serve it
button-leave = Leave
host-served = ‘{ $chat }’ is served now. Its admins ask with /invites.
host-left = I left ‘{ $chat }’.
host-claimed = You are the host now. Being host gives you no rights in chats; I ask you before I serve one.
host-claimed-waiting = { $n ->
    [one] One chat waits for your answer.
   *[other] { $n } chats wait for your answer.
}
host-claim-refused = This link was used already or is not the newest one. The terminal prints a new one: python -m console claim
host-notice = { $kind ->
    [conflict] Another program asks Telegram with my token: a second copy, or a leaked token. Stop it, or make a new token with @BotFather.
    [webhook] A webhook is set for my token, so I get no updates. If it is not yours, make a new token with @BotFather.
   *[session-lost] The account was signed out of Telegram. Links of others are not read until: python -m console login
}

## What went wrong, and one right example

problem-not-admin = Only admins of this chat may ask that.
problem-no-invite-right = You need the right to invite people (Invite Users via Link). The owner gives it under Edit → Administrators.
problem-anonymous-admin = You wrote as the group, so I cannot tell who you are. Send /invites to me in private.
problem-unserved = This chat is not served: whoever runs this bot must say yes first.
problem-no-chat-chosen = { $count ->
    [0] I know no chat where you are an admin who may invite people. Add me there as an admin, then: /chats
   *[other] Which chat? Choose one, then ask again.
}
problem-unknown-number = No link #{ $number } in this chat. The numbers stand in the list: /invites
problem-unknown-person = Nobody called { $name } made a link here. For example: /invites mine
problem-not-yours = That is for the link's maker and the owner. What you may do stands on its card: /invite 12
problem-wrong-option = { $why ->
    [ambiguous] “{ $text }”: minutes or months? Write { $text }in or a number of days.
    [zero] “{ $text }” would let nobody in.
    [too-many] “{ $text }”: a member limit is 1 to 99,999.
    [too-long] “{ $text }”: at most ten years.
    [twice] “{ $text }”: that was said already.
    [approval-limit] A member limit does not go with approval (ask).
    [name-missing] A new link needs a name; quotes make anything one.
    [name-long] The name has more than 32 characters.
    [not-here] “{ $text }” cannot be said here. If it is part of the name, put the name in quotes.
    [unknown-link] No link { $text } is known in this chat.
    [several-links] Several links end in { $text }: take the number.
   *[other] “{ $text }” is not understood.
}
problem-example = For example: { $example }
problem-bot-powerless = { $right ->
    [invite] I may not invite people here. Edit → Administrators → me → Invite Users via Link.
    [present] I am not in that chat any more. Add me again as an admin.
   *[admin] I am no admin here. Edit → Administrators → Add → me, with Invite Users via Link.
}
problem-not-host = Only the host of this bot may press this.
problem-stale = That was too long ago to be acted on. Ask anew: /invites
problem-cannot-save = My ledger cannot be written now; nothing was done. Try again in a minute.
problem-telegram-waits = Telegram makes me wait { $span }. Then ask again.
problem-telegram-refused = Telegram refused or did not answer. Try again in a minute.
problem-failed = That failed on my side; nothing more was done. It is noted as { $number }.
