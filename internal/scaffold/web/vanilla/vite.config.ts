import { defineConfig } from "vite";

// "npm run dev" serves the page, and hands what is for Socket.IO to "go run .".
export default defineConfig({
  server: { proxy: { "/socket.io": { target: "http://localhost:3000", ws: true } } },
});
