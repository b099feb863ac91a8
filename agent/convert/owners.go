package convert

// owners says to which span each event belongs, by event id. Ids of a whole history have no gaps, so that nearly all
// are kept by their place; ids far beyond the others, which only a damaged or partial history has, are kept apart.
type owners struct {
	dense  []*node
	sparse map[int64]*node
}

// spare is how many ids may be missing before one more makes the list sparse. It grows with the list, so that what the
// list takes stays in proportion to the events.
const spare = 64

func (o *owners) set(id int64, n *node) {
	gap := id - int64(len(o.dense))
	if id < 0 || gap > spare+int64(len(o.dense)) {
		if o.sparse == nil {
			o.sparse = make(map[int64]*node)
		}
		o.sparse[id] = n
		return
	}
	for ; gap >= 0; gap-- {
		o.dense = append(o.dense, nil)
	}
	o.dense[id] = n
}

// of is nil for an event that was not fed.
func (o *owners) of(id int64) *node {
	if id >= 0 && id < int64(len(o.dense)) && o.dense[id] != nil {
		return o.dense[id]
	}
	return o.sparse[id]
}
