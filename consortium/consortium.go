package consortium

import "time"

// ID identifies a consortium.
type ID int64

// Kind is the sort of consortium.
type Kind string

// The kinds.
const (
	Chain      Kind = "chain"      // 产业链
	Rural      Kind = "rural"      // 乡村振兴
	Governance Kind = "governance" // 基层治理
	Local      Kind = "local"      // the default one of a fresh data folder
)

// Consortium is a 党建联合体: branches of several units, joined along a chain or a theme. It is not a chat: any number of
// rooms on any platform may be bound to it.
type Consortium struct {
	ID      ID
	Name    string   // 光电信息
	Kind    Kind     //
	Lead    string   // 牵头单位
	Aliases []string // 光电
	Created time.Time
}

// OrgKind is the sort of unit.
type OrgKind string

// The kinds of unit.
const (
	University OrgKind = "university"
	Enterprise OrgKind = "enterprise"
	Office     OrgKind = "office"
	Village    OrgKind = "village"
	Branch     OrgKind = "branch"
	Bank       OrgKind = "bank"
	Other      OrgKind = "other"
)

// Org is a unit (单位) or a branch (支部) below one.
type Org struct {
	ID       int64
	Name     string
	Kind     OrgKind
	Parent   int64 // 0 = none
	External bool  // a guest from outside the zone
	Aliases  []string
}

// Consortia stores consortia and units.
type Consortia interface {
	// AddConsortium stores a new one and sets its ID.
	AddConsortium(c *Consortium) error
	// Consortium finds one by id; ErrNotFound.
	Consortium(id ID) (Consortium, error)
	// ConsortiumNamed finds one by name or alias; ErrNotFound.
	ConsortiumNamed(name string) (Consortium, error)
	// Consortia lists all, by id.
	Consortia() ([]Consortium, error)
	// AddOrg stores a unit, or changes the one of that name, and makes it a member of the consortia named.
	AddOrg(o *Org, members ...ID) error
	// Orgs lists all units, by id.
	Orgs() ([]Org, error)
}
