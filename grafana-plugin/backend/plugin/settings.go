package plugin

import (
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// options are the settings that are no secret (jsonData).
type options struct {
	Database string `json:"database"` // empty is default
	Username string `json:"username"` // empty is default
}

// dsnOf reads the address of the store out of a data source's settings: URL, jsonData and the secret password.
func dsnOf(settings backend.DataSourceInstanceSettings) (string, error) {
	var o options
	if len(settings.JSONData) > 0 {
		if err := json.Unmarshal(settings.JSONData, &o); err != nil {
			return "", fmt.Errorf("the data source's jsonData: %w", err)
		}
	}
	u, err := url.Parse(settings.URL)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("the data source's URL %.200q is not of the form http://host:8123", settings.URL)
	}
	if o.Database == "" {
		o.Database = "default"
	}
	if o.Username == "" {
		o.Username = "default"
	}
	u.Path = "/" + o.Database
	u.User = url.UserPassword(o.Username, settings.DecryptedSecureJSONData["password"])
	return u.String(), nil
}
