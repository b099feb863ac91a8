// Package jsonvalue is JSON as Step Functions carries it between states: members keep the order in which they were
// written and numbers keep their exact text, so 9007199254740993 passes through unharmed.
//
// Values are immutable by convention: whoever changes one makes a copy of the containers on the way to the change.
package jsonvalue

import "slices"

// Value is nil, bool, json.Number, string, []Value or *Object.
type Value = any

// Object is a JSON object that remembers the order of its members. The nil *Object is an empty one.
type Object struct {
	keys    []string
	members map[string]Value
}

// NewObject is an empty object.
func NewObject() *Object { return &Object{members: map[string]Value{}} }

// Get is the member of that name.
func (o *Object) Get(key string) (Value, bool) {
	if o == nil {
		return nil, false
	}
	v, ok := o.members[key]
	return v, ok
}

// Set adds a member at the end, or replaces one in its place. Only whoever made the object may call it.
func (o *Object) Set(key string, v Value) *Object {
	if _, ok := o.members[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.members[key] = v
	return o
}

// With is a copy of the object in which key has the value v.
func (o *Object) With(key string, v Value) *Object {
	return o.Clone().Set(key, v)
}

// Clone copies the object; its members are shared.
func (o *Object) Clone() *Object {
	clone := NewObject()
	for _, key := range o.Keys() {
		clone.Set(key, o.members[key])
	}
	return clone
}

// Keys are the names of the members in order. The slice is the caller's.
func (o *Object) Keys() []string {
	if o == nil {
		return nil
	}
	return slices.Clone(o.keys)
}

// Len is the number of members.
func (o *Object) Len() int {
	if o == nil {
		return 0
	}
	return len(o.keys)
}

// Range calls fn for each member in order until it answers false.
func (o *Object) Range(fn func(key string, v Value) bool) {
	if o == nil {
		return
	}
	for _, key := range o.keys {
		if !fn(key, o.members[key]) {
			return
		}
	}
}

// MarshalJSON lets encoding/json write an Object inside other values.
func (o *Object) MarshalJSON() ([]byte, error) { return Encode(o), nil }
