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
command-who = By which link somebody came
command-requests = Who asks to join
command-chats = Choose the chat to ask about
command-sync = Read the links anew from Telegram
command-status = What is known, and how fresh
command-clean = Revoke links that look dead
command-retire = Before I go: revoke all my links
command-settings = Who may do what here, time zone, privacy
command-forget = Forget what is kept of a person
command-account = For the host: what the account may change
command-cancel = Leave an open question
command-help = How to ask
command-start = Begin

## How fresh and how whole

fresh-as-of = as of { $ago } · { $readable } of { $known } { $known ->
    [one] admin
   *[other] admins
}
fresh-as-of-plain = as of { $ago }
fresh-joins = joins as of { $ago }
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
list-live-of = { $n } of { $all } live
list-revoked = { $n } revoked
list-gone = { $n } gone
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
list-empty-mine = No link of yours here.

    Make one: /invite new Spring ads 7d
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
button-new = ＋ New
button-private = Private
button-list = ◀ List
button-again = Try again

whose-title = Whose links?

## Which links, and in what order

list-shelf = { $shelf ->
    [live] live
    [expiring] expiring
    [full] full
    [unused] unused
    [expired] expired
    [approval] by approval
    [paid] paid
    [primary] primary
    [revoked] revoked
   *[gone] gone
}
list-order = { $order ->
    [new] newest first
   *[ends] soonest end first
}
list-words = “{ $words }”
list-own = your default
list-empty-words = No link matches “{ $words }”.
list-empty-new = To make a link: { $example }
list-empty-shelf = { $shelf ->
    [live] No link works now.
    [expiring] No link ends within 7 days.
    [full] No link is full.
    [unused] Each link brought somebody.
    [expired] No link has expired.
    [approval] No link asks for approval.
    [paid] No link is paid.
    [primary] No primary link is known.
    [revoked] No revoked link is known here.
    [gone] No link has gone from Telegram.
   *[other] No such link here.
}
list-empty-all = All links: /invites all
button-filter = Filter
button-table = Table
button-plain = ◀ Plain
list-no-tables = This Telegram server knows no tables yet.
table-number = #
table-name = Name
table-by = By
table-joined = Joined
table-places = Places
table-ends = Ends
table-link = Link
button-clear = Clear the search
button-save-default = Save as my default
button-shelf = { $shelf ->
    [unrevoked] Current
    [live] Live
    [expiring] Expiring
    [full] Full
    [unused] Unused
    [expired] Expired
    [approval] Approval
    [paid] Paid
    [primary] Primary
    [revoked] Revoked
   *[gone] Gone
} { $n }
button-order = { $order ->
    [joins] Joins
    [new] New
   *[ends] Ends
}
filter-search = 🔎 Reply to this message with words to search.
filter-search-group = 🔎 Search: /invites words
filter-saved = Saved: /invites alone shows this now; /invites all shows all.

## What could mean several things

ask-span = “{ $text }”: minutes or months?
ask-number = Only “{ $text }”: what is it?
ask-number-of = “{ $text }”: members or days?
ask-date = “{ $text }”: which day?
ask-full = { $text }: as many joined already. How do you mean it?
ask-anew = Or send the line anew.
choice-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
choice-months = { $n ->
    [one] { $n } month
   *[other] { $n } months
}
choice-members = { $n ->
    [one] { $n } member
   *[other] { $n } members
}
choice-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
choice-name = Name “{ $name }”
choice-day = { $day }
choice-full-more = { $limit } = { $more } more
choice-full-all = { $limit } in all
cancel-done = Cancelled. Nothing was changed.
cancel-nothing = No question is open.

## The card

state-live = live
state-expired = expired
state-full = full
state-revoked = revoked
state-gone = no longer listed
card-by = by { $name }
card-by-you = by you
card-by-bot = by this bot
card-via-bot = by { $name }, via this bot
card-via-bot-you = by you, via this bot
card-leavers = { $n } seen to leave
card-places = { $left } of { $limit } places left
card-no-limit = no limit
card-ends = ends { $when } (in { $span })
card-ended = ended { $when }
card-never-ends = never ends
card-approval = an admin approves each request
card-price = { $n } Stars for 30 days
card-once = once: revoked on the first join
card-for = for { $whom }: closes when they join
card-note = ✎ { $note }
card-pending = { $n ->
    [one] { $n } join request waits
   *[other] { $n } join requests wait
}
card-last-join = last join { $ago }
card-created = created { $day }
card-first-seen = first seen { $day }
card-before = before:
card-before-open = before, and still working:
card-unreadable = not readable since { $day }
card-maker-left = ⚠ its maker is no admin any more
card-cut = Only the start of this link is known: someone joined by it. The rest shows once the account reads it.
card-changed-by = can be changed by: { $who }
card-key-refused = The full link is only for { $name } and the owner.
card-key-owners = The full link is only for the owner.
who-bot = this bot
who-account = the account, asked here
who-you = you, in the app
who-maker = { $name }, in the app
who-owner = the owner, in the app
who-other-bot = only the bot { $name }
button-show = Show
button-copy = Copy
button-qr = QR
button-history = History
button-copy-now = Copy the link
button-revoke = Revoke
button-hide = Hide
card-hides = hidden again in 10 min
copy-ready = The button below copies the full link.
qr-scan = Scan it with a phone’s camera.
qr-hidden = Hidden again.
note-qr-private = The QR code is in our private chat.
note-qr-unsent = The QR code could not be sent here. Ask me in private: /start there first.
hidden = #{ $number } { $name }: hidden again.
button-card = Card of #{ $number }

## What was done with a link

history-title = History, the latest first
history-empty = Nothing is noted yet.
history-what = { $what ->
    [made] made
    [edited] changed
    [noted] noted
    [revoked] revoked
    [closed-once] revoked: one has joined
    [closed-for] revoked: they joined
    [replaced] replaced
    [rotated] given a new key
    [deleted] deleted
    [gone] no longer listed
    [back] listed again
    [revealed] full link { $how ->
        [copy] copied
        [qr] shown as QR
        [file] given in a file
       *[other] shown
    }
    [asked] asked of the account
    [cancelled] cancelled
    [done] done by the account
    [refused] refused
   *[unknown] outcome unknown
}
history-by = by { $name }
history-change = { $field ->
    [title] name
    [expires] end
    [limit] limit
    [approval] approval
    [once] for one join
    [price] Stars
    [note] note
   *[number] number
}: { $was } → { $now }
history-never = never
history-none = none
history-on = on
history-off = off
came-instead = #{ $number } ‘{ $name }’ was for { $whom }, but { $who } joined by it. It is still open.

## Revoking

revoke-ask = Revoke #{ $number } ‘{ $name }’ in { $chat }?
undo-ask = Take back #{ $number } ‘{ $name }’ in { $chat }?
revoke-what = The link stops working everywhere at once. { $n ->
    [0] Nobody joined by it.
    [one] The one who joined by it stays.
   *[other] The { $n } who joined by it stay.
} This cannot be undone.
revoke-again = That yes was too old or used already, so I ask anew.
button-revoke-yes = Revoke #{ $number }
button-keep = Keep it

## What the account is asked to do

act-title = { $act ->
    [edit] Change { $about }
    [revoke] Revoke { $about }
    [replace] Replace { $about }
    [delete] Delete { $about }
    [clear] Delete revoked links
    [approve] Let all in by { $about }
    [decline] Decline all of { $about }
    [joiners] Who joined by { $about }
    [waiting-chat] Who waits
    [approve-chat] Let in all who wait
    [decline-chat] Decline all who wait
   *[waiting] Who waits by { $about }
}
act-ask = { $act ->
    [replace] Replace #{ $number }, the primary link ‘{ $name }’ in { $chat }?
    [delete] Delete #{ $number } ‘{ $name }’ in { $chat } for good?
    [approve] Let in everybody who waits by #{ $number } ‘{ $name }’ in { $chat }?
    [decline] Decline everybody who waits by #{ $number } ‘{ $name }’ in { $chat }?
   *[revoke] Revoke #{ $number } ‘{ $name }’ in { $chat }?
}
act-ask-all = { $act ->
    [approve] Let in everybody who waits in { $chat }?
   *[decline] Decline everybody who waits in { $chat }?
}
act-what-all = By whatever link, whether I saw them ask or not. This cannot be undone.
act-what = { $act ->
    [delete] Telegram then lists it no more. Here it stays, as gone. This cannot be undone.
    [approve] { $n ->
        [one] One request waits, as last read.
       *[other] { $n } requests wait, as last read.
    } This cannot be undone.
    [decline] { $n ->
        [one] One request waits, as last read.
       *[other] { $n } requests wait, as last read.
    } This cannot be undone.
    [replace] { $n ->
        [0] Nobody joined by it.
        [one] One joined by it.
       *[other] { $n } joined by it.
    } It stops working everywhere at once, and a new one takes its place. No undo.
   *[revoke] The link stops working everywhere at once. { $n ->
        [0] Nobody joined by it.
        [one] The one who joined by it stays.
       *[other] The { $n } who joined by it stay.
    } This cannot be undone.
}
act-in-log = The account does it. Telegram's log will show the account's name, asked by you.
act-log = Telegram's log will show the account's name, asked by you.
act-asked = { $waits ->
    [yes] Asked.
   *[no] Asked: the account does it next.
}
act-asked-by = { $name } asked for it already: the account does it once, and you read here what came of it.
act-on-way = on its way
act-waits = { $why ->
    [flood] Telegram makes the account wait until { $until }; then it does it.
    [cap] Enough was revoked for now: it goes on at { $until }.
    [off] Acting is switched off by the host; it waits until that is over.
    [checking] No answer from Telegram came: what became of it is read back at { $until }.
    [offline] The account has no connection; it does it once it has one.
    [lost] The account was signed out; it does it once the host has signed it in again.
    [absent] No account is signed in; it waits for one.
   *[stale] No word from the account; it does it once it is back.
}
act-by-hand = { $act ->
    [edit] By hand: { $name }, in the app: Edit → Invite links → the link → Edit.
    [revoke] By hand: { $name }, in the app: Edit → Invite links → the link → Revoke.
    [replace] By hand: { $name }, in the app: Edit → Invite links → Revoke.
    [delete] By hand: { $name }, in the app: Edit → Invite links → Revoked links → Delete.
    [clear] By hand, in the app: Edit → Invite links → Revoked links → Delete all.
    [approve] By hand, in the app: Member requests.
    [decline] By hand, in the app: Member requests.
    [waiting] By hand, in the app: Member requests.
   *[other] By hand: { $name }, in the app: Edit → Invite links → the link.
}
act-by-hand-owner = the owner
act-other = { $name } asked for another change of this link, and it is not done yet. Yours was not asked: send it again once that is over.
act-done = { $act ->
    [already] That was so already: nothing was changed.
    [edit] Changed by the account.
    [revoke] Revoked by the account.
    [replace] Replaced by the account.
    [delete] Deleted by the account.
    [clear] { $n ->
        [one] One revoked link deleted by the account.
       *[other] { $n } revoked links deleted by the account.
    }
    [approve] { $n ->
        [one] One person let in by the account.
       *[other] { $n } people let in by the account.
    }
    [decline] { $n ->
        [one] One request declined by the account.
       *[other] { $n } requests declined by the account.
    }
    [joiners] Read by the account: { $n } joined, { $new ->
        [0] none new here.
        [one] one of them new here.
       *[other] { $new } of them new here.
    }
   *[waiting] Read by the account: { $n ->
        [0] nobody waits
        [one] one waits
       *[other] { $n } wait
    }, { $new ->
        [0] none new here.
        [one] one of them new here.
       *[other] { $new } of them new here.
    }
}
act-new-primary = The new one is #{ $number }.
act-first = Asked by { $name } first.
act-refused = { $reason ->
    [cancelled] Cancelled: nothing was sent.
    [only-that-bot] Not done: Telegram lets only the bot that made it change it.
    [not-owner] Not done: the account is not the owner, so Telegram lets it change only its own links.
    [no-right] Not done: you lack the right in Telegram now.
    [not-let] Not done: the host lets the account change nothing in this chat.
    [read-only] Not done: the account only reads here.
    [not-served] Not done: this chat is not served any more.
    [not-in-chat] Not done: the account is not in this chat.
    [revoked] Not done: the link is revoked already.
    [primary] Not done: it is a primary link, which is replaced.
    [not-primary] Not done: it is no primary link.
    [not-revoked] Not done: only a revoked link is deleted.
    [no-such-link] Not done: Telegram knows this link no more.
    [too-late] Given up after a day: it could not be begun.
    [past] Not done: that end lies in the past.
    [channels-too-much] Not done: somebody who waits is in too many chats.
    [gone] Not done: the link is not kept here any more.
    [same] Not done: the same was asked in the group this chat was, and that one counts.
    [not-whole] Not done: not all of it could be read. Ask again.
    [unknown-type] Not done: Telegram answered in a way this version does not know. The host updates it.
   *[other] Not done. Telegram said: { $reason }
}
act-unknown = What came of it is unknown: Telegram gave no answer, and it does not show. Look under Edit → Invite links, then ask anew.
button-act-yes = { $act ->
    [replace] Replace #{ $number }
    [delete] Delete #{ $number }
    [approve] Let all in
    [decline] Decline all
   *[revoke] Revoke #{ $number }
}
button-read-older = Read older ones
button-read-who = Who joined
button-read-waiting = Who waits
button-cancel = Cancel
button-cancel-act = Cancel: { $line }

## Changing and replacing

button-change = Change
button-replace = Replace
changed-now = changed just now
changed-by-account = changed just now, by the account
changed-by-account-first = changed just now, by the account; asked by { $name } first
may-have-changed = #{ $number } ‘{ $name }’ in { $chat } may have been changed.
may-have-changed-why = I was interrupted just when I asked Telegram for it, so I do not ask again. Look under Edit → Invite links in the group, or send the line anew.
replace-ask = Replace #{ $number }, my primary link in { $chat }?
replace-what = { $n ->
    [0] Nobody joined by it.
    [one] One joined by it.
   *[other] { $n } joined by it.
} It stops working everywhere at once. No undo.
button-replace-yes = Replace #{ $number }
button-rotate = Rotate
button-rotate-yes = Rotate #{ $number }
rotate-ask = Rotate #{ $number } ‘{ $name }’ in { $chat }?
rotate-what = It keeps its number, name, end, places and figures, and gets a new link. { $n ->
    [0] Nobody joined by the old one;
    [one] One joined by the old one;
   *[other] { $n } joined by the old one;
} it stops working everywhere at once. No undo.
may-have-rotated = #{ $number } ‘{ $name }’ in { $chat } may have a new link.
may-have-rotated-why = I was interrupted just when I asked Telegram for it, so I do not ask again. The old link works on. Once the account has read a new one, I revoke the old; or start anew from the card.
button-delete = Delete
clear-ask = { $n ->
    [0] No revoked link of { $name } is known in { $chat }.
    [one] Delete the one revoked link of { $name } in { $chat } for good?
   *[other] Delete all { $n } revoked links of { $name } in { $chat } for good?
}
clear-what = Telegram then lists them no more. Here they stay, as gone. This cannot be undone.
button-clear-yes = Delete { $n }
button-clear-all = Delete all revoked ({ $name }, { $n })
note-delete-unrevoked = #{ $number } works still: only revoked links are deleted. Revoke it first.
note-delete-by-hand = I cannot delete a link: no bot can. { $who ->
    [you] You can: { $kind } → Edit → Invite links → Revoked links → Delete.
    [maker] { $name } can, in the app: Edit → Invite links → Revoked links → Delete.
    [owner] The owner can, in the app: Edit → Invite links → Revoked links → Delete.
   *[both] { $name } or the owner can, in the app: Edit → Invite links → Revoked links → Delete.
}
note-delete-by-hand-account = { note-delete-by-hand } Or whoever runs this bot lets the account do it: /account
note-rotated-now = #{ $number } has a new link now; the old one is revoked.
note-rotated-open = #{ $number } has a new link now. Telegram has not revoked the old one yet: I try again until it has.
note-rotate-closed = #{ $number } lets nobody in now: give it a later end or more places first, then rotate it.
note-rotate-others = I rotate only links that I made. Make another instead: /invite new Spring ads 7d
note-revoked-now = Revoked just now.
note-revoked-already = #{ $number } is revoked already. That cannot be undone.
note-revoked-meanwhile = #{ $number } was revoked meanwhile: nothing was changed.
note-gone = #{ $number } is no longer listed by Telegram: it cannot be changed.
note-by-hand = I cannot change this link. { $who ->
    [you] You can: { $kind } → Edit → Invite links → the link.
    [maker] { $name } can, in the app: Edit → Invite links → the link.
    [owner] The owner can, in the app: Edit → Invite links → the link.
   *[both] { $name } or the owner can, in the app: Edit → Invite links → the link.
}
note-by-hand-account = { note-by-hand } Or whoever runs this bot lets the account do it: /account
note-by-other-bot = I cannot change this link: Telegram lets only the bot that made it do that.
note-primary = A primary link has no name, end or limit to change.
note-own-primary = A primary link has no name, end or limit to change. A new one in its place: /invite { $number } replace
note-primary-by-hand = I cannot replace this primary link. { $who ->
    [you] You can: { $kind } → Edit → Invite links → Revoke.
    [maker] { $name } can, in the app: Edit → Invite links → Revoke.
    [owner] The owner can, in the app: Edit → Invite links → Revoke.
   *[both] { $name } or the owner can, in the app: Edit → Invite links → Revoke.
}
note-primary-by-hand-account = { note-primary-by-hand } Or whoever runs this bot lets the account do it: /account
note-others-primary = A primary link is only replaced, by a new one: /invite { $number } replace
note-others-primary-by-hand = A primary link is only replaced, by a new one. { note-primary-by-hand }
note-others-primary-by-hand-account = { note-others-primary-by-hand } Or whoever runs this bot lets the account do it: /account
note-primary-revoke = A primary link always stands.
note-own-primary-revoke = My primary link always stands. A new one in its place: /invite { $number } replace
note-not-primary = Only primary links are replaced. Revoke this one and make another: /invite new Spring ads 7d
note-same = That is how #{ $number } is already.
note-changed-since = #{ $number } was changed again since: nothing was undone.
note-noted = Noted.
note-note-off = The note is gone.
note-replaced-now = #{ $old } is revoked; the new one is #{ $number }.
note-replaced-meanwhile = #{ $old } was replaced meanwhile; the new one is #{ $number }.

## Acts on many

many-going = { $what ->
    [again] Making new links
    [remove] Removing
    [ban] Banning
    [series] Making links
    [admit] Letting in
    [turn-away] Declining
   *[clean] Revoking
}: { $ended } of { $total }
many-waits = Telegram makes me wait until { $until }; then it goes on by itself.
many-by-hand = By hand: their makers or the owner, in the app: Edit → Invite links.
many-stopping = Stopping…
many-stopped = { $reason ->
    [asked] Stopped.
    [not-admin] Stopped: you are no admin any more who may invite people.
    [no-ban-right] Stopped: you may not ban users here any more.
    [not-allowed] Stopped: the owner does not let you do that any more.
    [powerless] Stopped: I may not do that here any more. Edit → Administrators → me.
    [unserved] Stopped: this chat is not served any more.
   *[version] Stopped: this version of me does not know how to do that.
}
many-done = { $what ->
    [again] { $done } of { $total } new links made.
    [remove] { $done } of { $total } removed.
    [ban] { $done } of { $total } banned.
    [series] { $done } of { $total } links made.
    [admit] { $done } of { $total } let in.
    [turn-away] { $done } of { $total } declined.
   *[clean] { $done } of { $total } revoked.
}
many-left = { $n } left as they are.
many-refused = { $reason ->
    [already] { $n } revoked before.
    [answered] { $n } answered before, or withdrawn.
    [changed] { $n } used or changed since: not touched.
    [gone] { $n } not in the list any more.
    [left] { $n } had left already.
    [admin] { $n ->
        [one] { $n } is an admin now: not touched.
       *[other] { $n } are admins now: not touched.
    }
    [not-yours] { $n } not yours to revoke.
    [no-right] { $n } not done: you lack the right in Telegram now.
    [out-of-reach] { $n } not done: the account does that here no more.
    [cancelled] { $n } cancelled.
    [too-late] { $n } given up after a day of waiting.
    [past] { $n } not made: their end has passed.
   *[telegram] { $n } refused by Telegram.
}
many-unknown = { $n } unknown: Telegram did not answer. Look there yourself:
many-more = { $n } more
button-stop = Stop

## Tidying up

tidy-title = { $n ->
    [one] One link looks dead:
   *[other] { $n } links look dead:
}
tidy-nothing = No link looks dead that you could revoke here.
tidy-rule = { $rule ->
    [expired] expired { $n }
    [full] full { $n }
    [maker-left] maker left { $n }
   *[unused] unused 30 d { $n }
}
tidy-rule-name = { $rule ->
    [expired] expired
    [full] full
    [maker-left] maker left
   *[unused] unused
}
tidy-why = { $rule ->
    [expired] expired · { $n }
    [full] full · { $n }
    [maker-left] maker left · { $n }
   *[unused] unused
}
tidy-primary-mark = (replaces!)
tidy-beyond = Out of my reach:
tidy-beyond-maker = { $name } { $n }: { $numbers }
tidy-beyond-people = Their makers or the owner revoke them in the app: Edit → Invite links.
tidy-beyond-primary = { $n ->
    [one] #{ $number } is a primary link: it is only replaced, by itself: /invite { $number } replace
   *[other] { $n } of them are primary links: each is only replaced, by itself: /invite { $number } replace
}
tidy-beyond-bots = A bot's links only that bot can revoke.
tidy-ask = { $n ->
    [one] Revoke one link in { $chat }?
   *[other] Revoke { $n } links in { $chat }?
}
tidy-what = { $n ->
    [0] Nobody joined by them.
    [one] The one who joined by them stays.
   *[other] The { $n } who joined by them stay.
} They stop working everywhere at once. This cannot be undone.
tidy-primary = My primary link is among them: Telegram puts a new one in its place.
tidy-account = { $n ->
    [one] The account revokes one of them. Telegram's log will show the account's name, asked by you.
   *[other] The account revokes { $n } of them. Telegram's log will show the account's name, asked by you.
}
tidy-slow = It revokes at most { $n } an hour; the rest follows by itself.
remake-ask = { $n ->
    [one] Make one new link in { $chat }?
   *[other] Make { $n } new links in { $chat }?
}
remake-what = Each with the name and terms of the old one, for as long as that one was for. The old ones stay revoked.
button-tidy-yes = Revoke { $n }
button-remake-yes = Make { $n }
button-keep-them = Back
button-again-links = Make new links in their place

## Before the bot goes

retire-title = { $n ->
    [0] No link of mine works here.
    [one] One link of mine works here:
   *[other] { $n } links of mine work here:
}
retire-why = They go on working when I am removed, and nobody but me can revoke them. So first revoke them, then remove me.
retire-primary = My primary link cannot go: Telegram puts a new one in its place, which nobody has seen.
retire-unable = I may not revoke them now, and nobody else can. Edit → Administrators → me → Invite Users via Link; then send /retire again.
button-retire = Revoke all { $n }
left-behind = { $n ->
    [one] ‘{ $chat }’: one link of mine works on.
   *[other] ‘{ $chat }’: { $n } links of mine work on.
}
left-behind-how = I lost my rights there, and nobody but me can revoke them. To end them make me an admin again, with Invite Users via Link, and send /retire; then remove me.

## All who came by a link

came-by = { $n ->
    [0] Nobody to remove came by it.
    [one] One came by it and is here:
   *[other] { $n } came by it and are here:
}
came-since = since { $when }
came-staying = { $n ->
    [one] One admin or bot among them stays.
   *[other] { $n } admins and bots among them stay.
}
came-known = Those whose joining I saw. Who left is not touched.
remove-ask = { $n ->
    [one] Remove the one who came by #{ $number } from { $chat }?
   *[other] Remove the { $n } who came by #{ $number } from { $chat }?
}
remove-what = { $live ->
    [yes] They can come back by any link they have: #{ $number } works on until you revoke it.
   *[no] They can come back by any link they have.
}
ban-ask = { $n ->
    [one] Ban the one who came by #{ $number } from { $chat }?
   *[other] Ban the { $n } who came by #{ $number } from { $chat }?
}
ban-what = They cannot come back until an admin lifts the ban of each.
button-remove = Remove { $n }
button-ban = Ban { $n }
button-remove-all = Remove who came…

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
created-until = until { $when }
created-in = in { $span }
button-undo = Undo
may-exist = ‘{ $name }’ in { $chat } may exist already.
may-exist-why = I was interrupted just when I asked Telegram for it, so I do not ask again. Look under Edit → Invite links in the group, or send the line anew.

## Many links alike

series-ask = Make { $n } links?
series-names = ‘{ $first }’ … ‘{ $last }’
series-each = each { $ends }
series-file-comes = One by one; then you may have them all as a file, in private.
series-yes = Make { $n }
series-file = The file with { $n } links
series-private = The file, in private
series-given = { $n } links of ‘{ $name }’. Whoever has this file can use them; that you took it is noted.

## A link put together with buttons

draft-new = A new link
draft-of = Link #{ $number }
draft-name = Name: { $name }
draft-no-name = none
draft-lasts = Ends: in { $span }
draft-longer = Ends: { $span } later
draft-until = Ends: { $when }
draft-never = Ends: never
draft-limit = { $n ->
    [0] No member limit
    [one] Limit: 1 member
   *[other] Limit: { $n } members
}
draft-once = Limit: one join, then revoked
draft-approval = { $on ->
    [on] Approval: an admin approves
   *[off] Approval: none
}
draft-price = Price: { card-price }
draft-line = Or one line: { $example }
draft-button-name = Name…
draft-button-approval = { $on ->
    [true] No approval
   *[false] With approval
}
draft-button-span = { $of ->
    [3600] 1 hour
    [86400] 1 day
   *[604800] 1 week
}
draft-button-never = Never ends
draft-button-end = Other end…
draft-button-members = { $n ->
    [one] { $n } person
   *[other] { $n } people
}
draft-button-unlimited = No limit
draft-button-once = Once
draft-button-limit = Other limit…
draft-button-price = { $n } Stars
draft-button-free = Free
draft-button-other-price = Other price…
draft-button-create = Create
draft-button-save = Save
draft-button-cancel = Cancel
draft-button-back = ◀ Back
draft-button-private = Go on in private
draft-ask = { $field ->
    [name] Send me its name, such as
    [end] Send me when it ends, such as
    [price] Send me its price in Stars for 30 days, such as
   *[limit] Send me how many members it lets in, such as
}
draft-ask-name = Spring ads
draft-ask-end = fri 18:00
draft-ask-limit = 25
draft-ask-price = 150
draft-ask-group = What you type here all can read. In private I take it.
draft-below = It goes on below.


## Who joined

who-joined = { $n ->
    [0] Nobody joined by it.
    [one] One joined by it.
   *[other] { $n } joined by it.
}
who-early = { $n ->
    [0] Nobody left within an hour of joining.
    [one] One left within an hour of joining.
   *[other] { $n } left within an hour of joining.
}
who-known = { $known } of { $n } known: the others came when I did not see it.
who-here = still here
who-read-later = read later
who-left = left after { $span }
who-approved = let in by { $name }
who-came = came { $when } { $by }
who-by = by { $link }
who-unnamed = without a link I know of
who-seen = seen as it happened
who-read = read from Telegram later
who-before = before:
who-never = Not seen to join here since { $day }.
who-blind = Not seen to join here, and I see no joins now.
button-who = Who
button-who-all = All by #{ $number }
button-who-early = Left early { $n }

## Join requests

requests-waiting = { $n ->
    [0] Nobody waits that I know of.
   *[other] { $n } waiting
}
requests-by-link = { $n } by #{ $number }
requests-of-link = #{ $number } · { $n ->
    [0] nobody waits
   *[other] { $n } waiting
}
requests-unseen = { $n ->
    [one] One of them I have not seen.
   *[other] { $n } of them I have not seen.
}
requests-since = Those I saw, since { $day }.
requests-blind = I see no requests here now.
requests-by-hand = Others by hand, in the app: Member requests.
requests-new = new here
requests-left = ⚠ left { $n ->
    [one] once
    [2] twice
   *[other] { $n } times
}
requests-visits = { $n ->
    [one] came before
   *[other] came { $n } times before
}
requests-note-approved = { $name } is in.
requests-note-declined = { $name } was declined.
requests-note-approved-before = Answered before: { $name } is in.
requests-note-declined-before = Answered before: { $name } was declined.
requests-note-gone = { $name } does not wait any more: answered by somebody else, or taken back.
requests-note-unknown = { $name }: Telegram did not answer. Look again.
requests-note-written = { $name } has your message.
requests-note-unwritten = { $name } cannot be written to any more.
requests-ask-yes = { $of ->
    [chat] Let all { $n } in who wait in { $chat }?
   *[other] Let all { $n } in who wait by #{ $number } in { $chat }?
}
requests-ask-no = { $of ->
    [chat] Decline all { $n } who wait in { $chat }?
   *[other] Decline all { $n } who wait by #{ $number } in { $chat }?
}
requests-ask-yes-what = They become members at once.
requests-ask-no-what = They are not told, and may ask again.
requests-write-how = Reply to this message with what { $name } is to read. One message, in my name.
requests-write-left = Telegram lets me write for { $span } more, while the request waits.
requests-write-late = Telegram does not let me write any more: that goes for five minutes after the request, once, while it waits.
requests-relayed = From an admin of ‘{ $chat }’, which you asked to join:
button-requests = Requests { $n }
button-requests-yes = Let in { $n }
button-requests-no = Decline { $n }
button-requests-keep = Not now
button-requests-back = ◀ Requests
button-requests-time = How long?
button-requests-write = Write
button-requests-all-yes = ✓ all{ $of }…
button-requests-all-no = ✗ all{ $of }…

## Chats

chats-title = Which chat?
chats-chosen = You ask about { $chat } now.
chats-none = No chat here where you are an admin who may invite people.

    Add me to your group as an admin with the right to invite, then ask here: /chats
chat-button = { $title } { $links }
chat-button-chosen = ✓ { $title } { $links }
chats-chosen-next = Its links: /invites
chats-other = Choose with the buttons below.
chats-other-ways = Or send its @name, or forward a message from the channel.
chats-not-in = I am not in that chat. Add me as an admin with the right to invite, then choose it again: /chats
button-other-chat = Another chat…
button-a-group = A group…
button-a-channel = A channel…
button-add-group = Add me to a group
button-add-channel = Add me to a channel
button-linked = { $kind ->
    [channel] The channel ‘{ $title }’
   *[group] The group ‘{ $title }’
}

## Asked as the group, and edited commands

prove-title = An admin asked as the group.
prove-press = Press to get the answer: only you will see it.
prove-list = The invite links
prove-link = That link
prove-card = Link #{ $number }
prove-new = The new link
prove-old = That was asked too long ago. Send the command again.
prove-taken = Another admin pressed first: it is done.
acted-already = { $act ->
    [create] That line made #{ $number } already.
    [edit] That line changed #{ $number } already.
    [replace] That line made a new primary link already: #{ $number }.
   *[unknown] That line was acted on already.
}
acted-new-line = An edit does nothing more. Send a new line.

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
status-swept = Every link read: { $ago }
status-links = Links: { $n } live
status-host = For you as the host
status-person = Signed in: { $name }
status-inbox = Updates: { $waiting } waiting · { $quarantined } set aside
status-chats = Chats served: { $n }
status-calls = Calls of the account: { $n }
status-wait = { $method ->
    [getExportedChatInvites] Reading links
    [getAdminsWithInvites] Asking who has links
    [getAdminLog] Reading the admin log
    [getDialogs] Finding chats
    [editExportedChatInvite] Changing links
   *[other] { $method }
}: wait until { $until }

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
    /invite 12 +7d x50: changes #12
    /invite new VIP once: for one join
    /invite new Coach for @max: for one person
    /invite 12 note ask Bob first
help-aliases = Here also: { $aliases }
help-key = A full link shows only after Show, Copy or QR, to you alone; each time is noted.

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
host-alerts-reach = I can write to you: a test alert stands below.
host-notice-title = ⚠ For you as the host
host-notice-since = Since { $since }.
host-notice = { $kind ->
    [conflict] Another program asks Telegram with my token: a second copy, or a leaked token. Stop it, or make a new token with @BotFather.
    [webhook] A webhook is set for my token, so I get no updates. If it is not yours, make a new token with @BotFather.
    [clock] The clock of this machine is not Telegram's: times and ends of links come out wrong. Set it by the network (NTP).
    [ledger-busy] Another program holds the ledger, so nothing can be saved. Find it with `fuser -v` on the ledger's file and stop it. I go on by myself then.
    [ledger-full] The ledger cannot be written: the disk is full, failing or read-only. Make room. I go on by myself then; nothing was half done.
    [demoted] ‘{ $chat }’: I am no admin who may invite people any more. Its links stay listed, and are made and revoked again once an owner gives the right back.
    [removed] ‘{ $chat }’: I was removed. What is known of it stays; add me again as an admin and it goes on.
    [owner-changed] ‘{ $chat }’: it has another owner. If that is not the account, others' links cannot be read any more.
    [unreadable] ‘{ $chat }’: others' links cannot be read any more. The account must be its owner: python -m console status
   *[session-lost] The account was signed out of Telegram. Links of others are not read until: python -m console login
}

## What the account may change

account-title = What the account may change
account-mode = { $mode ->
    [act] The account may act: ACCOUNT_MODE=act
   *[read] The account only reads: ACCOUNT_MODE=read. To let it act: ACCOUNT_MODE=act in .env, then start again.
}
account-off = All acting is off since { $since }: /account on
account-off-file = All acting is off: a file `off` stands beside the session.
account-chats = In which chats? Press to change.
account-no-chats = No chat is served yet.
account-ask = May the account act in ‘{ $chat }’?
account-what = It then changes, revokes, replaces and deletes links of others, and answers join requests, for admins who may have that done. Telegram's log shows the account's name. Revoked links cannot be restored.
account-how-to-stop = To stop all of it at once: /account off
button-account-off = Stop all acting
button-account-on = Allow acting again
button-account-chat = { $on ->
    [on] ☑ { $title }
   *[off] ☐ { $title }
}
button-account-yes = Let it act here
button-account-no = No

## Settings

settings-title = Settings
settings-zone = Time zone: { $zone } ({ $time })
settings-zone-default = (the installation's; not chosen)
settings-replies = { $place ->
    [private] Answers: always in private
   *[here] Answers: in the group, seen by the asker alone
}
settings-named = { $n ->
    [0] No admin was given more rights.
    [one] One admin was given more rights.
   *[other] { $n } admins were given more rights.
}
settings-saved = Saved.
settings-alerted = A test alert came to your private chat.
settings-not-alerted = I may not write to you: send me /start in private, then try again.
settings-privacy = Hosted by { $host }. Stores the chat's invite links (encrypted), who made them, who joined by which and when, who was shown one. Names go 12 months after their last trace; counts stay. /forget takes one person out.
settings-no-host = nobody yet
button-settings = Settings
button-settings-back = ◀ Settings
button-rights = Who may what
button-zone = Time zone
button-replies = { $place ->
    [private] Always answer in private
   *[here] Answer in the group
}
button-test-alert = Send me a test alert
button-erase = Erase all that is stored…
rights-whom = Whom do you want to give more?
rights-nobody = There is no other admin.
rights-of = { $name } may:
rights-always = always: list every link, own links
rights-line = { $on ->
    [on] ☑
   *[off] ☐
} { $what }
grant-see = see: every full link
grant-act = act: change, revoke, replace
grant-clean = clean up: revoke dead links
grant-lockdown = lockdown: close all links
grant-export = export: take lists as files
rights-idle = None of it counts before Telegram's own right is given: Invite Users via Link.
button-admin = { $n ->
    [0] { $name }
   *[other] { $name } · { $n }
}
button-grant = { $on ->
    [on] ☑
   *[off] ☐
} { $grant ->
    [see] See
    [act] Act
    [clean] Clean up
    [lockdown] Lockdown
   *[export] Export
}
button-rights-back = ◀ Admins
zones-title = Which time zone?
zones-among = Which of these?
zones-typed = Another one, or a city:
zones-example = /settings zone Lisbon
button-zone-choice = { $on ->
    [on] ✓ { $city } { $time }
   *[off] { $city } { $time }
}
zone-set = Times are shown in { $zone } now: it is { $time } there.
test-alert = ⚠ A test alert
test-alert-of = ⚠ ‘{ $chat }’: a test alert
test-alert-what = This is how alerts come. Nothing has happened.
erase-ask = Erase all that is stored of ‘{ $chat }’?
erase-goes = { $n ->
    [0] Goes: who joined, the settings, all history.
    [one] Goes: one link with its number, who joined by it, the settings, all history.
   *[other] Goes: { $n } links with their numbers, who joined by them, the settings, all history.
}
erase-stays = The invite links themselves stay in Telegram as they are; none is revoked. I leave the chat.
erase-final = This cannot be undone.
erase-again = That yes was too old or used already, or something came in since; so I ask anew.
button-erase-yes = { $n ->
    [0] Erase everything
    [one] Erase it, with one link
   *[other] Erase it, with { $n } links
}
button-keep-all = Keep it
erased = ‘{ $chat }’: erased, { $links ->
    [one] one link
   *[other] { $links } links
} and { $joins ->
    [one] one join
   *[other] { $joins } joins
}. The invite links in Telegram work on. I leave the chat.
forget-ask = Forget { $name } in ‘{ $chat }’?
forget-goes = Goes: the name, { $n ->
    [0] the
    [one] who it was in one join, the
   *[other] who it was in { $n } joins, the
} choices and rights here. Counts stay.
button-forget-yes = Forget
forgotten = Forgotten: { $n ->
    [0] no join named them
    [one] one join no longer names them
   *[other] { $n } joins no longer name them
}.
forgotten-name-kept = The name stays on the links they made.

## On coming into a chat

added-hello = I list this group's invite links, for its admins.
added-lacks-invite = { $admin ->
    [yes] I may not invite people yet: without that I neither make links nor see who joins.
   *[no] I am no admin yet: without that I neither make links nor see who joins.
}
added-lacks-delete = I may not delete messages yet: a command that shows a link would stay for all to see.
added-no-account = No account is signed in, so of others' links I know those that are used from now on.
added-account = { $role ->
    [outside] The account that reads others' links is not in this group.
    [admin] The account that reads links is not the owner: it reads only its own.
   *[other] The account that reads links is no admin here who may invite people: it reads none.
}
added-reading = Reading: { $ended } of { $admins } { $admins ->
    [one] admin
   *[other] admins
}
added-reading-left = Reading: { $ended } of { $admins } { $admins ->
    [one] admin
   *[other] admins
}, about { $left }
added-known = { $n ->
    [0] No link known yet.
    [one] One link known.
   *[other] { $n } links known.
} Ask with /invites
added-served = ‘{ $chat }’ is served.
added-next = Next: /invites, in the group or here. In the group only you see the answer. The owner's choices: /settings
added-next-channel = Next: /invites, here. In a channel I never answer. The owner's choices: /settings
added-waits = ‘{ $chat }’ waits: whoever runs this bot must say yes first. I tell you then.
button-rights-give = Give me these rights
button-added-list = Its invite links

## What went wrong, and one right example

problem-not-admin = Only admins of this chat may ask that.
problem-no-invite-right = You need the right to invite people (Invite Users via Link). The owner gives it under Edit → Administrators.
problem-no-ban-right = You need the right to ban users (Ban Users). The owner gives it under Edit → Administrators.
problem-anonymous-admin = You wrote as the group, so I cannot tell who you are. Send /invites to me in private.
problem-owner-only = That is for the chat's owner.
problem-not-named = That is for { $act ->
    [remove] the link's maker, the chat's owner
   *[retire] the chat's owner
} and whom the owner names: /settings → Who may what.
problem-saving-waits = My ledger cannot be written just now. Your question waits: I answer it as soon as that works again.
problem-unserved = This chat is not served: whoever runs this bot must say yes first.
problem-no-chat-chosen = { $count ->
    [0] I know no chat where you are an admin who may invite people. Add me there as an admin, then: /chats
   *[other] Which chat?
}
problem-unknown-number = No link #{ $number } in this chat. The numbers stand in the list: /invites
problem-unknown-person = Nobody called { $name } made a link here. For example: /invites mine
problem-not-yours = { $number ->
    [none] That is not for you. Ask for it yourself: /invites
   *[other] That is for the link's maker and the owner. What you may do stands on its card: /invite { $number }
}
problem-wrong-option = { $why ->
    [zero] “{ $text }” would let nobody in.
    [too-many] “{ $text }”: a member limit is 1 to 99,999.
    [too-long] “{ $text }”: at most ten years.
    [twice] “{ $text }”: only one of these can count.
    [approval-limit] A member limit does not go with approval (ask).
    [once-limit] “once” is one join: another member limit does not go with it.
    [once-used] Somebody joined by this link already: it cannot be for one join any more.
    [price] “{ $text }”: a price is 1 to 10,000 Stars for 30 days.
    [paid-alone] A paid link has a name and a price, and no end, limit or approval.
    [paid-group] Only channels have paid links.
    [once-other] Only a link this bot made can be for one join: it is revoked as soon as somebody has joined.
    [paid-name] Of a paid link only the name can be changed.
    [series] “{ $text }”: at most 200 links at once, the smaller number first.
    [series-alike] Many links at once are neither paid nor for one person.
    [note-missing] What shall the note say? “note off” takes it away.
    [note-long] A note has at most 200 characters.
    [note-link] A note cannot hold a full link: every admin reads notes.
    [name-missing] A new link needs a name; quotes make anything one.
    [name-long] The name has more than 32 characters.
    [name-link] A name cannot hold a full link: every admin reads names.
    [changed-end-past] That end would lie in the past, so the link would stop at once.
    [limit-asked] This link asks for approval; a member limit does not go with that.
    [approval-limited] This link has a member limit; approval does not go with that.
    [below-former] { $text } joined by earlier links of this number: a member limit must be above that.
    [words-link] A link cannot be sent on: whoever reads it could join.
    [relay-long] At most 1,000 characters can be sent on.
    [endless] This link never ends: there is nothing to add to.
    [not-here] “{ $text }” cannot be said here: a link is made paid, and never becomes so.
    [no-act] “{ $text }” is nothing I can do with a link.
    [date] “{ $text }” is no date I know. If it is part of the name, put the name in quotes.
    [past] “{ $text }” is in the past.
    [edit-other] “{ $text }” is not understood. A new name goes in quotes.
    [since] “{ $text }” is no time I know.
    [words-long] Search for at most 64 characters.
    [unknown-link] No link { $text } is known in this chat.
    [unknown-zone] No time zone like “{ $text }” is known: a city near you does.
    [unknown-setting] “{ $text }” is no setting.
    [whom] Whom? Reply to a message of that person, or name them by @username or id.
    [unknown-whom] Nobody called “{ $text }” is known here: reply to a message of that person, or give the id.
    [several-links] Several links end in { $text }: take the number.
   *[other] “{ $text }” is not understood.
}
problem-of-chat = { $chat }: { $line }
problem-example = For example: { $example }
problem-bot-powerless = { $right ->
    [invite] I may not invite people here. Edit → Administrators → me → Invite Users via Link.
    [restrict] I may not remove people here. Edit → Administrators → me → Ban Users.
    [present] I am not in that chat any more. Add me again as an admin.
   *[admin] I am no admin here. Edit → Administrators → Add → me, with Invite Users via Link.
}
problem-not-host = Only the host of this bot may press this.
problem-stale = That was too long ago to be acted on. Ask anew: /invites
problem-cannot-save = My ledger cannot be written now; nothing was done. Try again in a minute.
problem-telegram-waits = Telegram makes me wait { $span }. Then ask again.
problem-telegram-refused = Telegram refused or did not answer. Try again in a minute.
problem-failed = That failed on my side; nothing more was done. It is noted as { $number }.
