package bot

// Finding is one thing that an adapter saw when it examined its account, in words for the operator.
type Finding struct {
	What   string // what was looked at
	OK     bool   // false: it must be mended before the account works; what no API tells, or one can do without, counts as ok
	Detail string // what was seen
	Do     string // what to click, "" = nothing
}

// Findings collects what an examination sees, in that order.
type Findings []Finding

// Right adds something that is as it should be.
func (f *Findings) Right(what, detail string) {
	*f = append(*f, Finding{What: what, OK: true, Detail: detail})
}

// Hint adds something to look at, or that one can do without.
func (f *Findings) Hint(what, detail, do string) {
	*f = append(*f, Finding{What: what, OK: true, Detail: detail, Do: do})
}

// Wrong adds something that must be mended.
func (f *Findings) Wrong(what, detail, do string) {
	*f = append(*f, Finding{What: what, Detail: detail, Do: do})
}
