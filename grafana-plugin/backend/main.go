// The backend of Grafana's Steptrace data source, which Grafana starts.
package main

import (
	"os"

	"github.com/grafana/grafana-plugin-sdk-go/backend/datasource"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"

	"github.com/steptrace/steptrace/grafana-plugin/backend/plugin"
)

func main() {
	if err := datasource.Manage("steptrace-datasource", plugin.New, datasource.ManageOpts{}); err != nil {
		log.DefaultLogger.Error("the data source has ended", "error", err)
		os.Exit(1)
	}
}
