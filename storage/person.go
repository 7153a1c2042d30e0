package storage

import (
	"fmt"
	"strings"

	"lianbang/bot"
	"lianbang/consortium"
)

var (
	personAdd  = sqlText(`INSERT INTO person(name, unit, role, version) VALUES($1, $2, $3, 1){returning id}`)
	personGet  = keptText(`SELECT id, name, unit, role, version FROM person WHERE id = $1`)
	personHold = sqlText(`SELECT id, name, unit, role, version FROM person WHERE id = $1{lock}`)
	personSave = sqlText(`UPDATE person SET name = $1, unit = $2, role = $3, version = version + 1 WHERE id = $4 AND version = $5`)
	// Those of the consortium come first.
	personNamed = sqlText(`SELECT p.id, p.name, p.unit, p.role, p.version FROM person p
LEFT JOIN membership m ON m.person = p.id AND m.consortium = $1 WHERE p.name = $2
ORDER BY CASE WHEN m.person IS NULL THEN 1 ELSE 0 END, p.id LIMIT 10`)
	personRanked = keptText(`SELECT id, name, unit, role, version FROM person WHERE role > 0 AND role >= $1
ORDER BY role DESC, id LIMIT 50`)
	memberRanked = keptText(`SELECT p.id, p.name, p.unit, p.role, p.version FROM membership m JOIN person p ON p.id = m.person
WHERE m.consortium = $1 AND m.role >= $2 ORDER BY m.role DESC, p.id LIMIT 50`)

	identityAdd = sqlText(`INSERT INTO identity(account, user_key, person, used, common, opening) VALUES($1, $2, $3, $4, $5, $6)
ON CONFLICT(account, user_key) DO UPDATE SET person = excluded.person`)
	identityList = keptText(`SELECT account, user_key, opening FROM identity WHERE person = $1 ORDER BY used DESC, account, user_key`)
	identityFind = sqlText(`SELECT person FROM identity WHERE account = $1 AND user_key = $2`)
	// Waits for others that meet somebody under the same common key, until they have committed.
	commonMeet = sqlText(`SELECT {alone $1}`)
	commonFind = sqlText(`SELECT person FROM identity WHERE common = $1 AND common <> '' LIMIT 1`)

	memberRole = keptText(`SELECT role FROM membership WHERE person = $1 AND consortium = $2`)
	memberPut  = sqlText(`INSERT INTO membership(person, consortium, role, since) VALUES($1, $2, $3, $4)
ON CONFLICT(person, consortium) DO UPDATE SET role = excluded.role`)
	memberDrop = sqlText(`DELETE FROM membership WHERE person = $1 AND consortium = $2`)
	memberList = keptText(`SELECT m.consortium, c.name, m.role FROM membership m JOIN consortium c ON c.id = m.consortium
WHERE m.person = $1 ORDER BY m.since, m.consortium`)
)

func scanPerson(r *row) consortium.Person {
	return consortium.Person{ID: consortium.PersonID(r.int()), Name: r.text(), Unit: r.text(), Role: consortium.Role(r.int()), Version: r.int()}
}

// splitName parts a display name that carries the unit: 王工(英芯光电).
func splitName(display string) (name, unit string) {
	display = strings.TrimSpace(display)
	for _, pair := range [][2]string{{"(", ")"}, {"（", "）"}, {"[", "]"}, {"【", "】"}} {
		rest, ok := strings.CutSuffix(display, pair[1])
		if !ok {
			continue
		}
		name, unit, ok = strings.Cut(rest, pair[0])
		name, unit = strings.TrimSpace(name), strings.TrimSpace(unit)
		if ok && name != "" && unit != "" {
			return name, unit
		}
	}
	return display, ""
}

// meet makes the person and the identity of somebody who speaks for the first time. When he was met on another account
// meanwhile, it is consortium.ErrConflict, and the unit is to be run again.
func (tx *Tx) meet(e bot.Event, a *bot.Asker) error {
	common := commonOf(e)
	if common != "" {
		if err := tx.meetOnce(common); err != nil {
			return err
		}
	}
	p := consortium.Person{}
	p.Name, p.Unit = splitName(e.Name)
	if p.Name == "" {
		p.Name = string(e.From.User)
	}
	if err := tx.AddPerson(&p); err != nil {
		return err
	}
	a.Person, a.Name, a.Unit = int64(p.ID), p.Name, p.Unit
	return tx.identify(e.From, common, a.Opening, p.ID)
}

// meetOnce sees to it that no two units make a person of one common key.
func (tx *Tx) meetOnce(common string) error {
	if _, _, err := tx.one(commonMeet, common); err != nil {
		return fmt.Errorf("meet a user of several accounts: %w", err)
	}
	_, met, err := tx.one(commonFind, common)
	if err != nil {
		return fmt.Errorf("find a user of several accounts: %w", err)
	}
	if met {
		return fmt.Errorf("a user was met on another account: %w", consortium.ErrConflict)
	}
	return nil
}

// introduce gives a person a name who was met under his key, because the platform did not tell his name then.
func (tx *Tx) introduce(e bot.Event, a *bot.Asker) error {
	p, err := tx.Person(consortium.PersonID(a.Person))
	if err != nil {
		return err
	}
	name, unit := splitName(e.Name)
	if p.Name = name; p.Unit == "" {
		p.Unit = unit
	}
	if err := tx.SavePerson(&p); err != nil {
		return err
	}
	a.Name, a.Unit = p.Name, p.Unit
	return nil
}

// Identify says that the user of an address is that person, whoever he was before.
func (tx *Tx) Identify(user bot.Address, p consortium.PersonID) error {
	return tx.identify(user, "", bot.Unheard, p)
}

// identify is Identify for a user of whom more is known: his common key, as commonOf gives it, and whether he has been heard
// in private. What is known of an identity that there is already stays.
func (tx *Tx) identify(user bot.Address, common string, o bot.Opening, p consortium.PersonID) error {
	if err := tx.run(identityAdd, accountOf(user), string(user.User), int64(p), tx.at, common, int64(o)); err != nil {
		return fmt.Errorf("add an identity: %w", err)
	}
	return nil
}

// Identified is the person that the user of an address is known as; consortium.ErrNotFound.
func (tx *Tx) Identified(user bot.Address) (consortium.PersonID, error) {
	r, ok, err := tx.one(identityFind, accountOf(user), string(user.User))
	if err != nil {
		return 0, fmt.Errorf("find an identity: %w", err)
	}
	if !ok {
		return 0, consortium.ErrNotFound
	}
	return consortium.PersonID(r.int()), nil
}

// Contacts lists the private addresses of a person, the one he used last first. Which of them reach him now depends on their
// accounts ([bot.Caps.Reaches]).
func (tx *Tx) Contacts(p consortium.PersonID) ([]bot.Contact, error) {
	var out []bot.Contact
	err := tx.each(identityList, func(r *row) error {
		var c bot.Contact
		c.Platform, c.Account = splitAccount(r.text())
		c.User, c.Opening = bot.UserKey(r.text()), tx.opening(r.int())
		out = append(out, c)
		return nil
	}, int64(p))
	if err != nil {
		return nil, fmt.Errorf("list a person's addresses: %w", err)
	}
	return out, nil
}

// AddPerson stores a new person and sets its ID and Version.
func (tx *Tx) AddPerson(p *consortium.Person) error {
	id, err := tx.insert(personAdd, p.Name, p.Unit, int64(p.Role))
	if err != nil {
		return fmt.Errorf("add a person: %w", err)
	}
	p.ID, p.Version = consortium.PersonID(id), 1
	return tx.note("person", id, "add", nil, *p)
}

// Person finds one by id; consortium.ErrNotFound.
func (tx *Tx) Person(id consortium.PersonID) (consortium.Person, error) {
	statement := personGet
	if tx.lock {
		statement = personHold
	}
	r, ok, err := tx.one(statement, int64(id))
	if err != nil {
		return consortium.Person{}, fmt.Errorf("read a person: %w", err)
	}
	if !ok {
		return consortium.Person{}, fmt.Errorf("person %d: %w", id, consortium.ErrNotFound)
	}
	tx.person = scanPerson(&r)
	return tx.person, nil
}

func (tx *Tx) people(statement *statement, args ...any) ([]consortium.Person, error) {
	var out []consortium.Person
	err := tx.each(statement, func(r *row) error {
		out = append(out, scanPerson(r))
		return nil
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	return out, nil
}

// PeopleNamed finds those with exactly that name; those of consortium c come first. At most 10.
func (tx *Tx) PeopleNamed(name string, c consortium.ID) ([]consortium.Person, error) {
	return tx.people(personNamed, int64(c), name)
}

// Ranked lists those who hold at least rank r in the zone or, with c not zero, in that consortium. At most 50.
func (tx *Tx) Ranked(c consortium.ID, r consortium.Role) ([]consortium.Person, error) {
	if c == 0 {
		return tx.people(personRanked, int64(r))
	}
	return tx.people(memberRanked, int64(c), int64(r))
}

// SavePerson changes name, unit or zone rank; consortium.ErrConflict.
func (tx *Tx) SavePerson(p *consortium.Person) error {
	before := tx.person
	if before.ID != p.ID || before.Version != p.Version {
		var err error
		if before, err = tx.Person(p.ID); err != nil {
			return err
		}
	}
	n, err := tx.exec(personSave, p.Name, p.Unit, int64(p.Role), int64(p.ID), p.Version)
	if err != nil {
		return fmt.Errorf("save a person: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("save person %d: %w", p.ID, consortium.ErrConflict)
	}
	p.Version++
	tx.person = *p
	return tx.note("person", int64(p.ID), "save", before, *p)
}

// Memberships lists the consortia of a person, oldest first.
func (tx *Tx) Memberships(p consortium.PersonID) ([]consortium.Membership, error) {
	var out []consortium.Membership
	err := tx.each(memberList, func(r *row) error {
		out = append(out, consortium.Membership{Consortium: consortium.ID(r.int()), Name: r.text(), Role: consortium.Role(r.int())})
		return nil
	}, int64(p))
	if err != nil {
		return nil, fmt.Errorf("list memberships: %w", err)
	}
	return out, nil
}

type memberRank struct {
	Consortium consortium.ID   `json:"consortium"`
	Role       consortium.Role `json:"role"`
}

// Join gives a person a rank in a consortium, or changes it; Guest takes him out.
func (tx *Tx) Join(p consortium.PersonID, c consortium.ID, role consortium.Role) error {
	r, ok, err := tx.one(memberRole, int64(p), int64(c))
	if err != nil {
		return fmt.Errorf("read a membership: %w", err)
	}
	was := consortium.Guest
	if ok {
		was = consortium.Role(r.int())
	}
	if was == role {
		return nil
	}
	if role == consortium.Guest {
		err = tx.run(memberDrop, int64(p), int64(c))
	} else {
		err = tx.run(memberPut, int64(p), int64(c), int64(role), tx.at)
	}
	if err != nil {
		return fmt.Errorf("change a membership: %w", err)
	}
	return tx.note("membership", int64(p), "join", memberRank{c, was}, memberRank{c, role})
}
