package consortium

// PersonID identifies a person in the zone, whatever accounts he has.
type PersonID int64

// Role is a rank. Member and Liaison are held in a consortium; Coordinator and Administrator in the whole zone.
type Role int

// The ranks, low to high.
const (
	Guest         Role = 0 // known to no consortium
	Member        Role = 1
	Liaison       Role = 2 // 联络员
	Coordinator   Role = 3 // 统筹员
	Administrator Role = 4
)

// Person is somebody who speaks with the bot.
type Person struct {
	ID      PersonID
	Name    string
	Unit    string // 单位 or 支部, as he is addressed: 英芯光电
	Role    Role   // in the zone: Guest, Coordinator or Administrator
	Version int64
}

// Membership is a person's place in a consortium.
type Membership struct {
	Consortium ID
	Name       string // of the consortium
	Role       Role   // Member or Liaison
}

// People stores persons and their ranks.
type People interface {
	// AddPerson stores a new person and sets its ID and Version.
	AddPerson(p *Person) error
	// Person finds one by id; ErrNotFound.
	Person(id PersonID) (Person, error)
	// PeopleNamed finds those with exactly that name; those of consortium c come first. At most 10.
	PeopleNamed(name string, c ID) ([]Person, error)
	// SavePerson changes name, unit or zone rank; ErrConflict.
	SavePerson(p *Person) error
	// Memberships lists the consortia of a person, oldest first.
	Memberships(p PersonID) ([]Membership, error)
	// Join gives a person a rank in a consortium, or changes it; Guest takes him out.
	Join(p PersonID, c ID, r Role) error
	// Ranked lists those who hold at least rank r in the zone or, with c not zero, in that consortium. At most 50.
	Ranked(c ID, r Role) ([]Person, error)
}
