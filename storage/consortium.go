package storage

import (
	"encoding/json"
	"errors"
	"fmt"

	"lianbang/consortium"
)

var (
	consortiumAdd = sqlText(`INSERT INTO consortium(name, kind, lead, aliases, created) VALUES($1, $2, $3, $4, $5){returning id}`)
	consortiumGet = keptText(`SELECT id, name, kind, lead, aliases, created FROM consortium WHERE id = $1`)
	consortiumOf  = keptText(`SELECT id, name, kind, lead, aliases, created FROM consortium
WHERE id = coalesce((SELECT id FROM consortium WHERE name = $1), (SELECT consortium FROM consortium_alias WHERE name = $1))`)
	consortiumList  = keptText(`SELECT id, name, kind, lead, aliases, created FROM consortium ORDER BY id`)
	consortiumLocal = sqlText(`SELECT id FROM consortium WHERE kind = 'local' ORDER BY id LIMIT 1`)
	aliasAdd        = sqlText(`INSERT INTO consortium_alias(name, consortium) VALUES($1, $2) ON CONFLICT(name) DO NOTHING`)

	orgAdd    = sqlText(`INSERT INTO org(name, kind, parent, external, aliases) VALUES($1, $2, $3, $4, $5){returning id}`)
	orgNamed  = keptText(`SELECT id, name, kind, parent, external, aliases FROM org WHERE name = $1`)
	orgSave   = sqlText(`UPDATE org SET kind = $1, parent = $2, external = $3, aliases = $4 WHERE id = $5`)
	orgList   = keptText(`SELECT id, name, kind, parent, external, aliases FROM org ORDER BY id`)
	orgMember = sqlText(`INSERT INTO org_member(org, consortium) VALUES($1, $2) ON CONFLICT DO NOTHING`)
)

// localName is the name of the default consortium.
const localName = "本地联合体"

func encodeNames(names []string) string {
	if len(names) == 0 {
		return "[]"
	}
	data, _ := json.Marshal(names) // strings always encode
	return string(data)
}

func decodeNames(text string) (names []string) {
	json.Unmarshal([]byte(text), &names) // written by encodeNames
	if len(names) == 0 {
		return nil
	}
	return names
}

func (tx *Tx) scanConsortium(r *row) consortium.Consortium {
	return consortium.Consortium{ID: consortium.ID(r.int()), Name: r.text(), Kind: consortium.Kind(r.text()), Lead: r.text(),
		Aliases: decodeNames(r.text()), Created: tx.db.moment(r.int())}
}

// AddConsortium stores a new one and sets its ID; consortium.ErrConflict when the name is taken.
func (tx *Tx) AddConsortium(c *consortium.Consortium) error {
	switch _, err := tx.ConsortiumNamed(c.Name); {
	case err == nil:
		return fmt.Errorf("add consortium %s: %w", c.Name, consortium.ErrConflict)
	case !errors.Is(err, consortium.ErrNotFound):
		return err
	}
	if c.Created.IsZero() {
		c.Created = tx.now
	}
	id, err := tx.insert(consortiumAdd, c.Name, string(c.Kind), c.Lead, encodeNames(c.Aliases), micros(c.Created))
	if err != nil {
		return fmt.Errorf("add a consortium: %w", err)
	}
	c.ID = consortium.ID(id)
	for _, alias := range c.Aliases {
		if err := tx.run(aliasAdd, alias, id); err != nil {
			return fmt.Errorf("add an alias: %w", err)
		}
	}
	return tx.note("consortium", id, "add", nil, *c)
}

func (tx *Tx) oneConsortium(statement *statement, arg any) (consortium.Consortium, error) {
	r, ok, err := tx.one(statement, arg)
	if err != nil {
		return consortium.Consortium{}, fmt.Errorf("read a consortium: %w", err)
	}
	if !ok {
		return consortium.Consortium{}, fmt.Errorf("consortium %v: %w", arg, consortium.ErrNotFound)
	}
	return tx.scanConsortium(&r), nil
}

// Consortium finds one by id; consortium.ErrNotFound.
func (tx *Tx) Consortium(id consortium.ID) (consortium.Consortium, error) {
	return tx.oneConsortium(consortiumGet, int64(id))
}

// ConsortiumNamed finds one by name or alias; consortium.ErrNotFound.
func (tx *Tx) ConsortiumNamed(name string) (consortium.Consortium, error) {
	return tx.oneConsortium(consortiumOf, name)
}

// Consortia lists all, by id.
func (tx *Tx) Consortia() ([]consortium.Consortium, error) {
	var out []consortium.Consortium
	err := tx.each(consortiumList, func(r *row) error {
		out = append(out, tx.scanConsortium(r))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list consortia: %w", err)
	}
	return out, nil
}

// defaultConsortium is the one that open rooms belong to, made on demand.
func (tx *Tx) defaultConsortium() (consortium.ID, error) {
	r, ok, err := tx.one(consortiumLocal)
	if err != nil {
		return 0, fmt.Errorf("find the default consortium: %w", err)
	}
	if ok {
		return consortium.ID(r.int()), nil
	}
	c := consortium.Consortium{Name: localName, Kind: consortium.Local}
	if err := tx.AddConsortium(&c); err != nil {
		return 0, err
	}
	return c.ID, nil
}

func scanOrg(r *row) consortium.Org {
	return consortium.Org{ID: r.int(), Name: r.text(), Kind: consortium.OrgKind(r.text()), Parent: r.int(), External: r.bool(),
		Aliases: decodeNames(r.text())}
}

// AddOrg stores a unit, or changes the one of that name, and makes it a member of the consortia named.
func (tx *Tx) AddOrg(o *consortium.Org, members ...consortium.ID) error {
	r, ok, err := tx.one(orgNamed, o.Name)
	if err != nil {
		return fmt.Errorf("find a unit: %w", err)
	}
	if ok {
		before := scanOrg(&r)
		o.ID = before.ID
		if err := tx.run(orgSave, string(o.Kind), o.Parent, o.External, encodeNames(o.Aliases), o.ID); err != nil {
			return fmt.Errorf("save a unit: %w", err)
		}
		if err := tx.note("org", o.ID, "save", before, *o); err != nil {
			return err
		}
	} else {
		if o.ID, err = tx.insert(orgAdd, o.Name, string(o.Kind), o.Parent, o.External, encodeNames(o.Aliases)); err != nil {
			return fmt.Errorf("add a unit: %w", err)
		}
		if err := tx.note("org", o.ID, "add", nil, *o); err != nil {
			return err
		}
	}
	for _, c := range members {
		if err := tx.run(orgMember, o.ID, int64(c)); err != nil {
			return fmt.Errorf("make a unit a member: %w", err)
		}
	}
	return nil
}

// Orgs lists all units, by id.
func (tx *Tx) Orgs() ([]consortium.Org, error) {
	var out []consortium.Org
	err := tx.each(orgList, func(r *row) error {
		out = append(out, scanOrg(r))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list units: %w", err)
	}
	return out, nil
}
