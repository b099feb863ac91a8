package lambda

import (
	"net/http"
	"strconv"
)

func (s *Service) publishVersion(r *http.Request) (int, any, error) {
	var in struct {
		CodeSha256  string
		Description *string
		revision
	}
	if err := decode(r, &in); err != nil {
		return 0, nil, err
	}
	ref, err := s.target(r)
	if err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, _, err := s.lookup(ref)
	if err != nil {
		return 0, nil, err
	}
	if err := in.check(f.latest.config); err != nil {
		return 0, nil, err
	}
	if in.CodeSha256 != "" && in.CodeSha256 != f.latest.code.sha256 {
		return 0, nil, invalidParameter("CodeSHA256 (%s) is different from current CodeSHA256 in $LATEST (%s).",
			in.CodeSha256, f.latest.code.sha256)
	}
	description := f.latest.config.Description
	set(&description, in.Description)
	return http.StatusCreated, s.publish(f, description).config, nil
}

func (s *Service) publishNow(r *http.Request) (int, any, error) {
	ref, err := s.target(r)
	if err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, _, err := s.lookup(ref)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, s.publish(f, f.latest.config.Description).config, nil
}

// publish makes a numbered version of $LATEST, unless the last one is the same; the service's lock is held.
func (s *Service) publish(f *function, description string) *version {
	if n := len(f.published); n > 0 && f.published[n-1].source == f.latest {
		return f.published[n-1]
	}
	config := f.latest.config
	config.Version = strconv.Itoa(len(f.published) + 1)
	config.FunctionArn = s.arn(f.name, config.Version)
	config.Description = description
	v := s.newVersion(f, config, f.latest.code)
	v.source = f.latest
	f.published = append(f.published, v)
	return v
}

func (s *Service) listVersions(r *http.Request) (int, any, error) {
	ref, err := s.target(r)
	if err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, _, err := s.lookup(ref)
	if err != nil {
		return 0, nil, err
	}
	unqualified := f.latest.config
	unqualified.FunctionArn = s.arn(f.name, latest)
	configs := []configuration{unqualified}
	for _, v := range f.published {
		configs = append(configs, v.config)
	}
	return listed(r, "Versions", configs)
}
