package lambda

import (
	"net/http"
	"strconv"
	"sync"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// function is one function with its versions. The service's lock guards which versions it has; a version never changes.
type function struct {
	name      string
	tags      map[string]string
	latest    *version
	published []*version // "1", "2", …
	log       *logGroup
}

// version is one immutable state of a function: its configuration, its code, and the environments that run it.
type version struct {
	config configuration
	code   *code
	pool   *pool
	source *version // of a published version: the $LATEST it was made of
}

func (s *Service) newVersion(f *function, config configuration, c *code) *version {
	c.hold()
	for _, l := range config.layers {
		l.code.hold()
	}
	v := &version{config: config, code: c}
	v.pool = newPool(s, v, f.log)
	return v
}

// retire ends the environments that are idle now, and the busy ones when they are done.
func (v *version) retire() {
	v.pool.retire()
	v.code.release()
	for _, l := range v.config.layers {
		l.code.release()
	}
}

// retire ends all versions' environments at the same time.
func (f *function) retire() {
	var all sync.WaitGroup
	for _, v := range append([]*version{f.latest}, f.published...) {
		all.Go(v.retire)
	}
	all.Wait()
}

// find is the version of that qualifier, nil if there is none.
func (f *function) find(qualifier string) *version {
	if qualifier == "" || qualifier == latest {
		return f.latest
	}
	n, err := strconv.Atoi(qualifier)
	if err != nil || n < 1 || n > len(f.published) {
		return nil
	}
	return f.published[n-1]
}

// lookup finds the version that ref names; the service's lock is held.
func (s *Service) lookup(ref reference) (*function, *version, error) {
	f := s.functions[ref.name]
	if f == nil || ref.foreign {
		return nil, nil, s.notFound(ref)
	}
	v := f.find(ref.qualifier)
	if v == nil {
		return nil, nil, s.notFound(ref)
	}
	return f, v, nil
}

func (s *Service) notFound(ref reference) error {
	return &awswire.Error{
		Code: "ResourceNotFoundException", Status: http.StatusNotFound,
		Message: "Function not found: " + s.arn(ref.name, ref.qualifier),
	}
}

// replace makes config and code the function's new $LATEST; the service's lock is held.
func (s *Service) replace(f *function, config configuration, c *code) *version {
	old := f.latest
	f.latest = s.newVersion(f, config, c)
	s.tasks.Go(old.retire)
	return f.latest
}
