package redact

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/theory/jsonpath"
	"github.com/theory/jsonpath/spec"
)

func compilePaths(queries []string) ([]*jsonpath.Path, error) {
	paths := make([]*jsonpath.Path, len(queries))
	errs := make([]error, len(queries))
	for i, q := range queries {
		var err error
		if paths[i], err = jsonpath.Parse(q); err != nil {
			errs[i] = fmt.Errorf("paths::%d: %q is not a JSONPath (RFC 9535): %w", i, q, err)
		}
	}
	return paths, errors.Join(errs...)
}

// place is a value in a JSON text on the way to those that paths select. nil: none lies here or below.
type place struct {
	selected bool
	members  map[string]*place
	elements map[int]*place
}

// selected are the places that the paths select in a JSON text; nil when there are none.
func (r *Redactor) selected(src string) *place {
	if len(r.paths) == 0 {
		return nil
	}
	decoder := json.NewDecoder(strings.NewReader(src))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return &place{selected: true} // it is JSON, so this does not happen; what cannot be judged does not leave
	}
	var root *place
	for _, path := range r.paths {
		for _, node := range path.SelectLocated(value) {
			if root == nil {
				root = &place{}
			}
			root.selectAt(node.Path)
		}
	}
	return root
}

func (p *place) selectAt(path spec.NormalizedPath) {
	for _, selector := range path {
		switch s := selector.(type) {
		case spec.Name:
			p = below(&p.members, string(s))
		case spec.Index:
			p = below(&p.elements, int(s))
		}
	}
	p.selected = true
}

func below[K comparable](places *map[K]*place, at K) *place {
	if *places == nil {
		*places = make(map[K]*place)
	}
	if (*places)[at] == nil {
		(*places)[at] = &place{}
	}
	return (*places)[at]
}

func (p *place) member(name string) *place {
	if p == nil {
		return nil
	}
	return p.members[name]
}

func (p *place) element(i int) *place {
	if p == nil {
		return nil
	}
	return p.elements[i]
}
