package lambda

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// maxLayers is how many layers a function may have.
const maxLayers = 5

// layer is a layer with its versions; a deleted one is nil.
type layer struct {
	name     string
	versions []*layerVersion
}

// layerVersion never changes.
type layerVersion struct {
	code *code
	view layerView
}

// layerView is GetLayerVersionOutput, and without Content an item of ListLayerVersions.
type layerView struct {
	Content                 *layerContent `json:"Content,omitempty"`
	LayerArn                string        `json:"LayerArn"`
	LayerVersionArn         string        `json:"LayerVersionArn"`
	Description             string        `json:"Description"`
	CreatedDate             string        `json:"CreatedDate"`
	Version                 int           `json:"Version"`
	CompatibleRuntimes      []string      `json:"CompatibleRuntimes,omitempty"`
	CompatibleArchitectures []string      `json:"CompatibleArchitectures,omitempty"`
	LicenseInfo             string        `json:"LicenseInfo,omitempty"`
}

type layerContent struct {
	CodeSha256 string `json:"CodeSha256"`
	CodeSize   int64  `json:"CodeSize"`
}

// usedLayer is a layer as a function's configuration shows it.
type usedLayer struct {
	Arn      string `json:"Arn"`
	CodeSize int64  `json:"CodeSize"`
}

func (s *Service) layerRoutes() map[string]handler {
	const versions = "/2018-10-31/layers/{name}/versions"
	return map[string]handler{
		"POST " + versions:                 s.publishLayerVersion,
		"GET " + versions:                  s.listLayerVersions,
		"GET " + versions + "/{number}":    s.getLayerVersion,
		"DELETE " + versions + "/{number}": s.deleteLayerVersion,
	}
}

var layerPattern = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,140}$`)

func (s *Service) publishLayerVersion(r *http.Request) (int, any, error) {
	var in struct {
		layerView
		Content codeSource
	}
	if err := decode(r, &in); err != nil {
		return 0, nil, err
	}
	name := r.PathValue("name")
	if !layerPattern.MatchString(name) {
		return 0, nil, invalid("layerName", name)
	}
	if err := in.Content.check(); err != nil {
		return 0, nil, err
	}
	c, err := unpack(s.cfg.Dir, in.Content.ZipFile)
	if err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.hold()
	if s.closed {
		c.release()
		return 0, nil, unavailable()
	}
	return http.StatusCreated, s.addLayer(name, in.layerView, c).view, nil
}

// addLayer takes over the hold of c; the service's lock is held.
func (s *Service) addLayer(name string, view layerView, c *code) *layerVersion {
	l := s.layers[name]
	if l == nil {
		l = &layer{name: name}
		s.layers[name] = l
	}
	view.Version = len(l.versions) + 1
	view.LayerArn = fmt.Sprintf("arn:aws:lambda:%s:%s:layer:%s", s.cfg.Region, s.cfg.AccountID, name)
	view.LayerVersionArn = view.LayerArn + ":" + strconv.Itoa(view.Version)
	view.CreatedDate = s.cfg.Clock.Now().UTC().Format("2006-01-02T15:04:05.000-0700")
	view.Content = &layerContent{CodeSha256: c.sha256, CodeSize: c.size}
	v := &layerVersion{code: c, view: view}
	l.versions = append(l.versions, v)
	return v
}

// findLayer is nil for a version that there is not; the service's lock is held.
func (s *Service) findLayer(name, number string) *layerVersion {
	l := s.layers[name]
	n, err := strconv.Atoi(number)
	if l == nil || err != nil || n < 1 || n > len(l.versions) {
		return nil
	}
	return l.versions[n-1]
}

func (s *Service) getLayerVersion(r *http.Request) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.findLayer(r.PathValue("name"), r.PathValue("number"))
	if v == nil {
		return 0, nil, &awswire.Error{
			Code: "ResourceNotFoundException", Status: http.StatusNotFound,
			Message: "The resource you requested does not exist.",
		}
	}
	return http.StatusOK, v.view, nil
}

func (s *Service) listLayerVersions(r *http.Request) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	views := []layerView{}
	if l := s.layers[r.PathValue("name")]; l != nil {
		for i := len(l.versions) - 1; i >= 0; i-- { // the newest first
			if v := l.versions[i]; v != nil {
				view := v.view
				view.Content = nil
				views = append(views, view)
			}
		}
	}
	from, to, err := page(r, len(views), 50)
	if err != nil {
		return 0, nil, err
	}
	out := map[string]any{"LayerVersions": views[from:to]}
	if marker := nextMarker(to, len(views)); marker != "" {
		out["NextMarker"] = marker
	}
	return http.StatusOK, out, nil
}

// deleteLayerVersion succeeds for what is not there, too. Functions that have the version keep it.
func (s *Service) deleteLayerVersion(r *http.Request) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.findLayer(r.PathValue("name"), r.PathValue("number")); v != nil {
		s.layers[r.PathValue("name")].versions[v.view.Version-1] = nil
		v.code.release()
	}
	return http.StatusNoContent, nil, nil
}

var layerARN = regexp.MustCompile(`^arn:aws[a-zA-Z-]*:lambda:([a-z0-9-]+):(\d{12}):layer:([a-zA-Z0-9_-]+):(\d+)$`)

// withLayers is config with the layers that it names; the service's lock is held.
func (s *Service) withLayers(config configuration, arns []string) (configuration, error) {
	if len(arns) > maxLayers {
		return config, invalidParameter("Cannot reference more than %d layers.", maxLayers)
	}
	config.Layers, config.layers = nil, nil
	for _, arn := range arns {
		m := layerARN.FindStringSubmatch(arn)
		if m == nil {
			return config, invalid("layers", arn)
		}
		v := s.findLayer(m[3], m[4])
		if v == nil || m[1] != s.cfg.Region || m[2] != s.cfg.AccountID {
			return config, invalidParameter("Layer version %s does not exist.", arn)
		}
		config.layers = append(config.layers, v)
		config.Layers = append(config.Layers, usedLayer{Arn: arn, CodeSize: v.code.size})
	}
	return config, nil
}

// retireLayers drops the code of all layers; the service is closed.
func (s *Service) retireLayers(layers map[string]*layer) {
	for _, l := range layers {
		for _, v := range l.versions {
			if v != nil {
				v.code.release()
			}
		}
	}
}
