package zhtime
var parseCases = []struct{ now, cases string }{}
