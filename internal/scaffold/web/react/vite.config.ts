import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// "npm run dev" serves the page, and hands what is for Socket.IO to "go run .".
export default defineConfig({
  plugins: [react()],
  server: { proxy: { "/socket.io": { target: "http://localhost:3000", ws: true } } },
});
