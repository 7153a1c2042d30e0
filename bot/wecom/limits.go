package wecom

// dialect is one way of writing: a channel together with its kind of message. What is right in one is refused, cut or shown
// raw in another.
type dialect int

// The dialects.
const (
	botMarkdown   dialect = iota // the AI bot's markdown, also as the content of a stream
	botText                      // the AI bot's welcome, the only plain text it may send
	appMarkdown                  // the self-built app's markdown to persons
	appText                      // its text to persons
	chatMarkdown                 // the self-built app's markdown to a group that it made (appchat)
	chatText                     // its text there
	hookMarkdown                 // the group webhook's markdown
	hookMarkdown2                // the group webhook's markdown_v2; clients before 4.1.36 show it raw
	hookText                     // the group webhook's text
)

// traits are what a dialect can do.
type traits struct {
	name   string // for tests and logs
	kind   string // msgtype
	limit  int    // bytes of content, UTF-8
	markup bool   // headings, bold, links
	rich   bool   // lists, tables, italics, fences too
	colour bool   // <font color="info|comment|warning">
	rings  bool   // <@userid> in the content notifies a member
}

// Sources: D90236 (app), D90248 (appchat), D99110 (webhook), D101463 and D101138 (AI bot). The limit of the welcome's text is
// not documented; it is taken to be that of every other text. That the AI bot's markdown has no colours and no mentions
// stands on reports of users, not on the document.
var dialects = [...]traits{
	botMarkdown:   {name: "bot-markdown", kind: "markdown", limit: 20480, markup: true, rich: true},
	botText:       {name: "bot-text", kind: "text", limit: 2048},
	appMarkdown:   {name: "app-markdown", kind: "markdown", limit: 2048, markup: true, colour: true},
	appText:       {name: "app-text", kind: "text", limit: 2048},
	chatMarkdown:  {name: "appchat-markdown", kind: "markdown", limit: 2048, markup: true, colour: true, rings: true},
	chatText:      {name: "appchat-text", kind: "text", limit: 2048},
	hookMarkdown:  {name: "hook-markdown", kind: "markdown", limit: 4096, markup: true, colour: true, rings: true},
	hookMarkdown2: {name: "hook-markdown_v2", kind: "markdown_v2", limit: 4096, markup: true, rich: true},
	hookText:      {name: "hook-text", kind: "text", limit: 2048},
}

func (d dialect) traits() traits { return dialects[d] }

// kind is the msgtype of a message in this dialect.
func (d dialect) kind() string { return dialects[d].kind }

// cardLimits are the lengths of a template card's texts in characters, beyond which the screen cuts them.
type cardLimits struct{ title, desc, sub, label, value int }

// limitsOfCards gives the lengths for a channel. The AI bot's document (D101032) is stricter than the app's (D90236).
func limitsOfCards(where dialect) cardLimits {
	if where == botMarkdown {
		return cardLimits{title: 26, desc: 30, sub: 112, label: 5, value: 26}
	}
	return cardLimits{title: 36, desc: 44, sub: 160, label: 5, value: 30}
}

// What holds for cards on every channel (D101032, D90236): counts, lengths in characters, and lengths in bytes where the name
// says so.
const (
	maxCardFacts    = 6
	maxCardButtons  = 6
	maxCardMenu     = 3
	maxButtonText   = 10 // also of a submit button and, undocumented, of a menu's item
	maxKeyBytes     = 1024
	maxVoteOptions  = 20
	maxVoteText     = 11
	maxOptionBytes  = 128
	maxSelects      = 3
	maxSelectOption = 10
	maxSelectText   = 10
	maxSelectTitle  = 13
)
