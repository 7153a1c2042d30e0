package webchat

// Watch gives the messages of all groups and of who's private chat as they arrive, each once. The channel is closed when
// its reader falls far behind, or by the function.
func (a *Adapter) Watch(who string) (<-chan Message, func()) {
	l, _ := a.hub.listen(who, nil, true, nil)
	out := make(chan Message)
	go func() {
		defer close(out)
		defer a.hub.unlisten(l)
		for {
			select {
			case u := <-l.queue:
				if u.message == nil || !u.fresh {
					continue
				}
				select {
				case out <- *u.message:
				case <-l.closed:
					return
				}
			case <-l.closed:
				return
			}
		}
	}()
	return out, l.drop
}
