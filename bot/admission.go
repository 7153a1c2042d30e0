package bot

// Admission says whom the bot takes for a member of a consortium without anybody having said so.
type Admission int

// The admissions.
const (
	Appointed Admission = iota // nobody: strangers stay guests until they are appointed
	InGroups                   // who speaks in a group that is bound to a consortium is a member of it
	Everybody                  // also who speaks elsewhere, and unbound groups join the default consortium (the local chat only)
)
