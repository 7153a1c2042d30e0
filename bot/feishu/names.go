package feishu

import "context"

type names struct{ a *Adapter }

func newNames(a *Adapter) *names { return &names{a: a} }

// name is the display name of a user, "" when it cannot be known.
func (a *Adapter) name(ctx context.Context, chat, openID string) string { return "" }
