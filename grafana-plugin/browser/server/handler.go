package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
)

var errBadRange = errors.New("from and to are not Unix milliseconds")

// handlerOf serves what a browser asks of Grafana, and what only the tests ask, below /control/.
func handlerOf(f folders, s *source, w *world) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/ds/query", s.query)
	mux.HandleFunc("/api/datasources/uid/"+sourceUID+"/resources/{path...}", s.resource)
	mux.HandleFunc("GET /api/datasources/uid/"+sourceUID+"/health", s.health)
	mux.HandleFunc("GET /api/live/ds/"+sourceUID+"/{path...}", s.stream)
	mux.HandleFunc("POST /control/upload/{name}", w.upload)
	mux.HandleFunc("POST /control/approve", w.approve)
	mux.HandleFunc("GET /control/waterfall/{name}", w.waterfall)
	for id, folder := range map[string]string{"app": "", "datasource": "datasource", "workflow-panel": "panel"} {
		path := "/public/plugins/steptrace-" + id + "/"
		mux.Handle(path, http.StripPrefix(path, http.FileServer(http.Dir(filepath.Join(f.plugin, folder)))))
	}
	// The app's version on a CDN, for which the tests take another name of this server.
	mux.Handle("/cdn/steptrace-app/{version}/public/plugins/steptrace-app/{path...}", filesOf(f.plugin))
	mux.Handle("/host/", http.StripPrefix("/host/", http.FileServer(http.Dir(f.host))))
	mux.HandleFunc("/public/img/{path...}", imagesOf(f.icons))
	mux.HandleFunc("/public/build/img/{path...}", imagesOf(f.icons)) // since Grafana 12
	// Grafana's fonts are not in its packages; the browser takes its own instead.
	mux.HandleFunc("/public/fonts/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, filepath.Join(f.host, "index.html"))
	})
	root := http.NewServeMux()
	root.Handle("/grafana/", http.StripPrefix("/grafana", mux)) // as with a root_url that has a path
	root.Handle("/", mux)
	return root
}

// filesOf serves the files of a folder by the path that the pattern has.
func filesOf(folder string) http.HandlerFunc {
	files := http.FileServer(http.Dir(folder))
	return func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/" + r.PathValue("path")
		files.ServeHTTP(w, r)
	}
}

// imagesOf serves Grafana's icons. A few are not in its packages: nothing is drawn for them.
func imagesOf(folder string) http.HandlerFunc {
	images := os.DirFS(folder)
	return func(w http.ResponseWriter, r *http.Request) {
		image, err := fs.ReadFile(images, r.PathValue("path"))
		if err != nil {
			image = []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"></svg>`)
		}
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = w.Write(image) //nolint:gosec // an icon out of Grafana's package; the browser may have gone
	}
}

func reply(w http.ResponseWriter, status int, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		fail(w, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(raw) // the browser may have gone
}

func fail(w http.ResponseWriter, status int, err error) {
	raw, _ := json.Marshal(map[string]string{"message": err.Error()}) // strings always marshal
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}
