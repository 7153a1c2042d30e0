package understand

import "time"

// Message understands one message. now is the moment of speaking, in the zone's location; g may be nil. It is pure, never
// panics and is linear in the length of text.
func Message(text string, now time.Time, g *Gazetteer) Reading { return Reading{Intent: None} }

// Fields reads the fields of an activity from the rest of a typed command (what follows 登记活动), where the intent is known.
func Fields(text string, now time.Time, g *Gazetteer) Reading { return Reading{Intent: ActivityCreate} }

// Changes reads the new values from the rest of a typed change (what follows 改 H27): 名额 40, 时间 周六上午9点, 地点 5号楼.
func Changes(text string, now time.Time, g *Gazetteer) Reading {
	return Reading{Intent: ActivityReschedule}
}

// NeedFields reads a need from the rest of a typed command (what follows 报诉求).
func NeedFields(text string, now time.Time, g *Gazetteer) Reading { return Reading{Intent: NeedCreate} }
