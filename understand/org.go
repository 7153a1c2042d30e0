package understand

// Org is an entry of the gazetteer.
type Org struct {
	Name    string
	Aliases []string
}

// Gazetteer finds organisations in texts by name, alias, unique abbreviation and small typo. It is immutable.
type Gazetteer struct{}

// NewGazetteer builds one.
func NewGazetteer(orgs []Org) *Gazetteer { return &Gazetteer{} }

func (g *Gazetteer) whole(s string) bool { return false }
