package storage

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
)

var (
	// Who speaks where, and what he was asked there, in one statement. Whom the account does not know is looked for by the key
	// that he has on all accounts of the platform.
	resolveGroup = keptText(`SELECT r.id, r.consortium, r.closed, p.id, p.name, p.unit, p.role, i.person, i.used, i.common, i.opening,
  EXISTS (SELECT 1 FROM identity o WHERE o.person = i.person AND o.used >= i.used
    AND (o.account <> i.account OR o.user_key <> i.user_key)) AS elsewhere,
  CASE WHEN coalesce(r.consortium, 0) = 0 THEN (SELECT max(n.role) FROM membership n WHERE n.person = p.id) ELSE m.role END,
  q.expires, q.body
FROM (SELECT 1 AS one) start
LEFT JOIN room r ON r.account = $1 AND r.chat = $2
LEFT JOIN identity i ON i.account = $1 AND i.user_key = $3
LEFT JOIN person p ON p.id = coalesce(i.person, (SELECT o.person FROM identity o
  WHERE o.common = $4 AND o.common <> '' ORDER BY o.used DESC LIMIT 1))
LEFT JOIN membership m ON m.person = p.id AND m.consortium = r.consortium
LEFT JOIN question q ON q.person = p.id AND q.place = $5`)
	resolveDirect = keptText(`SELECT r.id, 0, r.closed, p.id, p.name, p.unit, p.role, i.person, i.used, i.common, i.opening,
  EXISTS (SELECT 1 FROM identity o WHERE o.person = i.person AND o.used >= i.used
    AND (o.account <> i.account OR o.user_key <> i.user_key)) AS elsewhere,
  (SELECT max(m.role) FROM membership m WHERE m.person = p.id), q.expires, q.body
FROM (SELECT 1 AS one) start
LEFT JOIN room r ON r.account = $1 AND r.chat = $2
LEFT JOIN identity i ON i.account = $1 AND i.user_key = $3
LEFT JOIN person p ON p.id = coalesce(i.person, (SELECT o.person FROM identity o
  WHERE o.common = $4 AND o.common <> '' ORDER BY o.used DESC LIMIT 1))
LEFT JOIN question q ON q.person = p.id AND q.place = $5`)
	identityUsed = sqlText(`UPDATE identity SET used = $1, common = $2, opening = $3 WHERE account = $4 AND user_key = $5`)
	// A word that came while the refused message was under way counts.
	identityShut = sqlText(`UPDATE identity SET opening = $1 WHERE account = $2 AND user_key = $3 AND used <= $4`)

	questionPut = sqlText(`INSERT INTO question(person, place, expires, body, event) VALUES($1, $2, $3, $4, $5)
ON CONFLICT(person, place) DO UPDATE SET expires = excluded.expires, body = excluded.body, event = excluded.event`)
	questionDrop    = sqlText(`DELETE FROM question WHERE person = $1 AND place = $2`)
	questionRetract = sqlText(`DELETE FROM question WHERE event = $1 AND event <> ''`)
)

// shutFor is how long a refusal counts. Then it is not known again whether he is reached: an operator may have let him in.
const shutFor = 24 * time.Hour

// opening reads how an identity stores it: a refusal as its negative time.
func (tx *Tx) opening(stored int64) bot.Opening {
	switch {
	case stored > 0:
		return bot.Open
	case stored < 0 && tx.at+stored < shutFor.Microseconds():
		return bot.Shut
	}
	return bot.Unheard
}

// usedStep is how stale the time of an identity's last use may be.
const usedStep = time.Hour

// accountOf names the account of an address: "platform/account".
func accountOf(a bot.Address) string { return string(a.Platform) + "/" + a.Account }

// commonOf is an event's common key as it is stored, "" when it has none.
func commonOf(e bot.Event) string {
	if e.Common == "" || e.From.User == "" {
		return ""
	}
	return string(e.From.Platform) + "/" + string(e.Common)
}

func splitAccount(name string) (bot.Platform, string) {
	platform, account, _ := strings.Cut(name, "/")
	return bot.Platform(platform), account
}

// Record notes the event as handled, keeps its raw text sealed, and fixes the time and the cause of all that the unit does.
func (tx *Tx) Record(e bot.Event, now time.Time) (fresh bool, err error) {
	tx.now, tx.at = now, micros(now)
	account := accountOf(e.From)
	tx.event = account + "/" + string(e.ID)
	tx.from = e
	tx.from.Text = ""
	if fresh, err = tx.addEvent(account, e.ID, e.Text); err != nil {
		return false, fmt.Errorf("record an event: %w", err)
	}
	return fresh, nil
}

// Resolve finds who speaks where, and the unexpired question that waits for him there. A chat and a user seen for the
// first time get rows of their own, so that they can be bound and given ranks later; a user who has the same common key on
// another account of the platform is that person (two who were met before their keys were known stay two). A speaker without
// a rank becomes a member of the room's consortium where the admission says so; with bot.Everybody a group that belongs
// nowhere joins the default consortium first, and one-to-one chats count as part of it. In a group that belongs nowhere a speaker has his highest rank, as in private.
// Joined opens the room, Left closes it.
func (tx *Tx) Resolve(e bot.Event, admission bot.Admission) (bot.Asker, *bot.Question, error) {
	account, told := accountOf(e.From), commonOf(e)
	statement := resolveGroup
	if e.Direct {
		statement = resolveDirect
	}
	r, ok, err := tx.one(statement, account, string(e.From.Chat), string(e.From.User), told, tx.place(e.From, e.Direct))
	if err != nil || !ok {
		return bot.Asker{}, nil, fmt.Errorf("resolve an event: %w", err)
	}
	a := bot.Asker{Room: r.int(), Consortium: r.int()}
	closed := r.bool()
	a.Person, a.Name, a.Unit = r.int(), r.text(), r.text()
	zone := consortium.Role(r.int())
	known, used, common := r.int() != 0, r.int(), r.text()
	opening := r.int()
	a.Opening = tx.opening(opening)
	elsewhere, rank := r.bool(), consortium.Role(r.int())
	expires, body := r.int(), r.bytes()

	if e.From.Chat != "" {
		if err := tx.enterRoom(e, &a, closed, admission == bot.Everybody); err != nil {
			return bot.Asker{}, nil, err
		}
	}
	if e.From.User != "" {
		opens := a.Opening != bot.Open && e.Heard()
		if opens {
			a.Opening, opening = bot.Open, int64(bot.Open)
		}
		switch {
		case a.Person == 0:
			if err := tx.meet(e, &a); err != nil {
				return bot.Asker{}, nil, err
			}
			a.New = true
		case !known:
			if err := tx.identify(e.From, told, a.Opening, consortium.PersonID(a.Person)); err != nil {
				return bot.Asker{}, nil, err
			}
		case opens || elsewhere || tx.at-used >= usedStep.Microseconds() || told != "" && told != common:
			if err := tx.run(identityUsed, tx.at, cmp.Or(told, common), opening, account, string(e.From.User)); err != nil {
				return bot.Asker{}, nil, fmt.Errorf("note the use of an identity: %w", err)
			}
		}
		tx.actor = personActor(a.Person)
		if a.Name == string(e.From.User) && e.Name != "" && e.Name != a.Name {
			if err := tx.introduce(e, &a); err != nil {
				return bot.Asker{}, nil, err
			}
		}
		if max(zone, rank) == consortium.Guest {
			if rank, err = tx.admit(e, a, admission); err != nil {
				return bot.Asker{}, nil, err
			}
		}
	}
	a.Role = bot.Role(max(zone, rank))
	if expires <= tx.at {
		return a, nil, nil
	}
	q, err := tx.openQuestion(body)
	return a, q, err
}

// admit makes a speaker without a rank a member, where the admission says so.
func (tx *Tx) admit(e bot.Event, a bot.Asker, admission bot.Admission) (rank consortium.Role, err error) {
	c := consortium.ID(a.Consortium)
	spoke := e.Kind == bot.Said || e.Kind == bot.Clicked
	switch {
	case admission == bot.Everybody && c == 0:
		if c, err = tx.defaultConsortium(); err != nil {
			return consortium.Guest, err
		}
	case admission == bot.Everybody, admission == bot.InGroups && c != 0 && spoke:
	default:
		return consortium.Guest, nil
	}
	if err := tx.Join(consortium.PersonID(a.Person), c, consortium.Member); err != nil {
		return consortium.Guest, err
	}
	return consortium.Member, nil
}

func (tx *Tx) openQuestion(sealed []byte) (*bot.Question, error) {
	plain, err := tx.db.seals.open("question.body", sealed)
	if err != nil {
		return nil, err
	}
	q := new(bot.Question)
	if err := json.Unmarshal(plain, q); err != nil {
		return nil, fmt.Errorf("decode a question: %w", err)
	}
	return q, nil
}

// place names where a question waits: the group, or the one-to-one chat whatever key it goes by.
func (tx *Tx) place(a bot.Address, direct bool) string {
	if direct || a.Chat == "" {
		return a.Private().Lane()
	}
	a.User = ""
	return a.Lane()
}

// Ask stores the question that now waits for the person in the chat, in place of any other. A nil q clears it. The chat of
// a one-to-one conversation may be named with or without its key.
func (tx *Tx) Ask(chat bot.Address, person int64, q *bot.Question) error {
	direct := false
	if chat.Chat != "" {
		from := tx.from.From
		if from.Platform == chat.Platform && from.Account == chat.Account && from.Chat == chat.Chat {
			direct = tx.from.Direct
			chat.User = from.User
		} else {
			r, ok, err := tx.one(roomDirect, accountOf(chat), string(chat.Chat))
			if err != nil {
				return fmt.Errorf("look at a room: %w", err)
			}
			direct = ok && r.bool() && chat.User != ""
		}
	}
	place := tx.place(chat, direct)
	if q == nil {
		if err := tx.run(questionDrop, person, place); err != nil {
			return fmt.Errorf("drop a question: %w", err)
		}
		return nil
	}
	body, err := tx.db.seals.sealJSON("question.body", q)
	if err != nil {
		return err
	}
	if err := tx.run(questionPut, person, place, micros(q.Expires), body, tx.event); err != nil {
		return fmt.Errorf("store a question: %w", err)
	}
	return nil
}

// Retract drops the question that an event of the same account raised, if it still waits, and the photos that came with it
// and of which the sender was told nothing yet.
func (tx *Tx) Retract(source bot.EventID) error {
	if err := tx.run(questionRetract, accountOf(tx.from.From)+"/"+string(source)); err != nil {
		return fmt.Errorf("retract a question: %w", err)
	}
	return tx.retractPhotos(source)
}

// personActor is how a person is named in audit rows.
func personActor(id int64) string { return fmt.Sprintf("p%d", id) }
