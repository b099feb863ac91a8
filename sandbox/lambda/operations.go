package lambda

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

type createRequest struct {
	FunctionName  string
	PackageType   string
	Architectures []string
	Tags          map[string]string
	Publish       bool
	Code          codeSource
	settings
}

// codeSource is where a package comes from; the sandbox takes zips only.
type codeSource struct {
	ZipFile  []byte
	S3Bucket string
	ImageURI string `json:"ImageUri"`
}

func (c codeSource) check() error {
	switch {
	case c.S3Bucket != "":
		return invalidParameter("The sandbox does not take code from S3; send it as ZipFile.")
	case c.ImageURI != "":
		return invalidParameter("The sandbox does not run container images; send a ZipFile with a bootstrap.")
	}
	return nil
}

func (s *Service) createFunction(r *http.Request) (int, any, error) {
	var in createRequest
	if err := decode(r, &in); err != nil {
		return 0, nil, err
	}
	ref, config, err := s.initial(in)
	if err != nil {
		return 0, nil, err
	}
	c, err := unpack(s.cfg.Dir, in.Code.ZipFile)
	if err != nil {
		return 0, nil, err
	}
	config, err = s.add(ref.name, config, c, in)
	return http.StatusCreated, config, err
}

// initial is the configuration of a new function, checked.
func (s *Service) initial(in createRequest) (reference, configuration, error) {
	ref, err := s.parseReference(in.FunctionName, "")
	if err != nil {
		return ref, configuration{}, err
	}
	if ref.foreign || ref.qualifier != "" {
		return ref, configuration{}, invalid("functionName", in.FunctionName)
	}
	if in.PackageType != "" && in.PackageType != "Zip" {
		return ref, configuration{}, invalidParameter("The sandbox runs functions of PackageType Zip only.")
	}
	if err := in.Code.check(); err != nil {
		return ref, configuration{}, err
	}
	config := configuration{
		FunctionName: ref.name, FunctionArn: s.arn(ref.name, ""), Version: latest,
		Timeout: 3, MemorySize: 128, PackageType: "Zip", State: "Active", LastUpdateStatus: "Successful",
		TracingConfig: tracingConfig{Mode: "PassThrough"}, EphemeralStorage: ephemeralStorage{Size: 512},
		Architectures: []string{"x86_64"},
		LoggingConfig: map[string]string{"LogFormat": "Text", "LogGroup": "/aws/lambda/" + ref.name},
	}
	if len(in.Architectures) > 0 {
		config.Architectures = in.Architectures
	}
	config, err = in.apply(config, s.cfg.Runtimes)
	return ref, config, err
}

// add makes the function; the code is dropped when there is one of that name.
func (s *Service) add(name string, config configuration, c *code, in createRequest) (configuration, error) {
	config = config.withCode(c).touched(s.cfg.Clock.Now())
	s.mu.Lock()
	defer s.mu.Unlock()
	c.hold()
	defer c.release()
	switch {
	case s.closed:
		return config, unavailable()
	case s.functions[name] != nil:
		return config, &awswire.Error{
			Code: "ResourceConflictException", Message: "Function already exist: " + name, Status: http.StatusConflict,
		}
	}
	if in.Layers != nil {
		var err error
		if config, err = s.withLayers(config, *in.Layers); err != nil {
			return config, err
		}
	}
	f := &function{
		name: name, tags: in.Tags, log: &logGroup{clock: s.cfg.Clock, limit: s.cfg.LogBytes},
	}
	f.latest = s.newVersion(f, config, c)
	s.functions[name] = f
	if in.Publish {
		return s.publish(f, config.Description).config, nil
	}
	return config, nil
}

func (c configuration) withCode(from *code) configuration {
	c.CodeSha256, c.CodeSize = from.sha256, from.size
	return c
}

// target is the function that a request's path and query name.
func (s *Service) target(r *http.Request) (reference, error) {
	return s.parseReference(r.PathValue("name"), r.URL.Query().Get("Qualifier"))
}

func (s *Service) getFunction(r *http.Request) (int, any, error) {
	ref, err := s.target(r)
	if err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, v, err := s.lookup(ref)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, map[string]any{
		"Configuration": v.config,
		"Code":          map[string]string{"RepositoryType": "S3", "Location": s.zipLocation(v.config)},
		"Tags":          f.tags,
	}, nil
}

// zipLocation is where the zip can be had; on AWS it is a presigned URL of S3.
func (s *Service) zipLocation(config configuration) string {
	path := "/2015-03-31/functions/" + config.FunctionName + "/sandbox-zip?Qualifier=" + config.Version
	return s.cfg.EndpointURL() + path
}

func (s *Service) serveZip(w http.ResponseWriter, r *http.Request) {
	ref, err := s.target(r)
	if err != nil {
		writeError(w, err)
		return
	}
	s.mu.Lock()
	_, v, err := s.lookup(ref)
	s.mu.Unlock()
	if err != nil {
		writeError(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/zip")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(v.code.zip))
}

func (s *Service) getFunctionConfiguration(r *http.Request) (int, any, error) {
	ref, err := s.target(r)
	if err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, v, err := s.lookup(ref)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, v.config, nil
}

func (s *Service) listFunctions(r *http.Request) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var configs []configuration
	for _, name := range slices.Sorted(maps.Keys(s.functions)) {
		f := s.functions[name]
		configs = append(configs, f.latest.config)
		if r.URL.Query().Get("FunctionVersion") == "ALL" {
			for _, v := range f.published {
				configs = append(configs, v.config)
			}
		}
	}
	return listed(r, "Functions", configs)
}

// listed is one page, of 50 at most as on AWS.
func listed(r *http.Request, member string, configs []configuration) (int, any, error) {
	from, to, err := page(r, len(configs), 50)
	if err != nil {
		return 0, nil, err
	}
	out := map[string]any{member: append([]configuration{}, configs[from:to]...)}
	if marker := nextMarker(to, len(configs)); marker != "" {
		out["NextMarker"] = marker
	}
	return http.StatusOK, out, nil
}

func (s *Service) deleteFunction(r *http.Request) (int, any, error) {
	ref, err := s.target(r)
	if err != nil {
		return 0, nil, err
	}
	if ref.qualifier != "" {
		return 0, nil, invalidParameter("The sandbox deletes whole functions only, not the version %s.", ref.qualifier)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, _, err := s.lookup(ref)
	if err != nil {
		return 0, nil, err
	}
	delete(s.functions, ref.name)
	s.tasks.Go(f.retire)
	return http.StatusNoContent, nil, nil
}

func (s *Service) updateFunctionConfiguration(r *http.Request) (int, any, error) {
	var in struct {
		settings
		revision
	}
	if err := decode(r, &in); err != nil {
		return 0, nil, err
	}
	return s.update(r, in.revision, func(old *version) (configuration, *code, error) {
		config, err := in.apply(old.config, s.cfg.Runtimes)
		if err == nil && in.Layers != nil {
			config, err = s.withLayers(config, *in.Layers)
		}
		return config, old.code, err
	})
}

func (s *Service) updateFunctionCode(r *http.Request) (int, any, error) {
	var in struct {
		codeSource
		revision
		Publish bool
		DryRun  bool
	}
	if err := decode(r, &in); err != nil {
		return 0, nil, err
	}
	if err := in.codeSource.check(); err != nil {
		return 0, nil, err
	}
	c, err := unpack(s.cfg.Dir, in.ZipFile)
	if err != nil {
		return 0, nil, err
	}
	c.hold()
	defer c.release()
	if in.DryRun {
		return s.dryUpdate(r, c)
	}
	status, out, err := s.update(r, in.revision, func(old *version) (configuration, *code, error) {
		return old.config.withCode(c), c, nil
	})
	if err != nil || !in.Publish {
		return status, out, err
	}
	return s.publishNow(r)
}

// dryUpdate tells what UpdateFunctionCode would answer.
func (s *Service) dryUpdate(r *http.Request, c *code) (int, any, error) {
	status, out, err := s.getFunctionConfiguration(r)
	if err != nil {
		return 0, nil, err
	}
	config, _ := out.(configuration)
	return status, config.withCode(c), nil
}

// revision lets a client refuse to change what another has changed.
type revision struct {
	RevisionID string `json:"RevisionId"`
}

func (v revision) check(config configuration) error {
	if v.RevisionID == "" || v.RevisionID == config.RevisionID {
		return nil
	}
	return &awswire.Error{
		Code: "PreconditionFailedException", Status: http.StatusPreconditionFailed,
		Message: "The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to " +
			"retrieve the latest RevisionId",
	}
}

// update replaces $LATEST by what change makes of it.
func (s *Service) update(
	r *http.Request, rev revision, change func(old *version) (configuration, *code, error),
) (int, any, error) {
	ref, err := s.target(r)
	if err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, v, err := s.lookup(ref)
	if err != nil {
		return 0, nil, err
	}
	if v != f.latest {
		return 0, nil, invalidParameter("Only $LATEST can be changed, not the version %s.", ref.qualifier)
	}
	if err := rev.check(v.config); err != nil {
		return 0, nil, err
	}
	config, c, err := change(v)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, s.replace(f, config.touched(s.cfg.Clock.Now()), c).config, nil
}
