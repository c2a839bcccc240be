using System;
using System.Collections.Generic;
using System.Drawing;
using System.Threading;
using Cosmos.System;
using Cosmos.System.Graphics;
using Cosmos.System.Graphics.Fonts;
using Console = System.Console;
using Sys = Cosmos.System;

namespace GraphicsCosmos
{
    // A desktop as Cosmos users draw them: windows, a pointer, shapes, text and an image on a canvas. The clock in the bar is what they could not have: a thread of its own.
    public class Kernel : Sys.Kernel
    {
        private readonly List<Window> windows = new List<Window>();
        private readonly object gate = new object();
        private readonly Bitmap icon = MakeIcon();
        private Canvas canvas;
        private Window dragged;
        private int seconds;
        private int frames;
        private bool isChanged = true;
        private string typed = "";
        private bool pressed;
        private uint dragX;
        private uint dragY;
        private uint shownX;
        private uint shownY;

        protected override void BeforeRun()
        {
            Console.WriteLine("Starting the desktop.");
            canvas = FullScreenCanvas.GetFullScreenCanvas();
            MouseManager.ScreenWidth = canvas.Mode.Width;
            MouseManager.ScreenHeight = canvas.Mode.Height;
            MouseManager.X = 600;
            MouseManager.Y = 400;
            windows.Add(new Window("Shapes", 60, 80, 320, 260, DrawShapes));
            windows.Add(new Window("Notes", 420, 120, 300, 180, DrawNotes));
            var clock = new Thread(Tick) { IsBackground = true };
            clock.Start();
            Console.WriteLine("Desktop is on, " + canvas.Name() + " " + canvas.Mode + ".");
        }

        protected override void Run()
        {
            HandleMouse();
            while (KeyboardManager.TryReadKey(out var key))
            {
                HandleKey(key);
            }

            lock (gate)
            {
                Draw();
            }

            canvas.Display();
            frames++;
            if (isChanged)
            {
                isChanged = false;
                Console.WriteLine("Frame drawn.");
            }

            Thread.Sleep(10);
        }

        protected override void AfterRun()
        {
            canvas.Disable();
            Console.WriteLine("Desktop is off after " + (frames > 0 ? "some" : "no") + " frames, typed: " + typed);
            Console.Write("Press a key to switch off: ");
            Console.ReadKey(true);
            Sys.Power.Shutdown();
        }

        private static Bitmap MakeIcon()
        {
            // A file in memory, read as any other.
            var picture = new Bitmap(32, 32, ColorDepth.ColorDepth32);
            for (int y = 0; y < 32; y++)
            {
                for (int x = 0; x < 32; x++)
                {
                    picture.RawData[y * 32 + x] = Color.FromArgb(255, x * 8, y * 8, 128).ToArgb();
                }
            }

            var stream = new System.IO.MemoryStream();
            picture.Save(stream, ImageFormat.BMP);
            return new Bitmap(stream.ToArray());
        }

        private void Tick()
        {
            while (true)
            {
                lock (gate)
                {
                    seconds++;
                }

                Thread.Sleep(100);
            }
        }

        private void HandleMouse()
        {
            bool isDown = MouseManager.MouseState == MouseState.Left;
            uint x = MouseManager.X;
            uint y = MouseManager.Y;
            if (x != shownX || y != shownY || isDown != pressed)
            {
                shownX = x;
                shownY = y;
                isChanged = true;
                Console.WriteLine("Pointer at " + shownX + "," + shownY);
            }

            if (isDown && !pressed)
            {
                dragged = windows.FindLast(window => window.HasTitleAt((int)MouseManager.X, (int)MouseManager.Y));
                if (dragged != null)
                {
                    dragX = MouseManager.X - (uint)dragged.X;
                    dragY = MouseManager.Y - (uint)dragged.Y;
                    windows.Remove(dragged);
                    windows.Add(dragged);
                }

                Console.WriteLine("Button down at " + MouseManager.X + "," + MouseManager.Y + (dragged != null ? " on " + dragged.Title : ""));
            }
            else if (isDown && dragged != null)
            {
                dragged.X = (int)(MouseManager.X - dragX);
                dragged.Y = (int)(MouseManager.Y - dragY);
            }
            else if (!isDown && pressed)
            {
                Console.WriteLine("Button up at " + MouseManager.X + "," + MouseManager.Y);
                dragged = null;
            }

            pressed = isDown;
        }

        private void HandleKey(KeyEvent key)
        {
            isChanged = true;
            switch (key.Key)
            {
                case ConsoleKeyEx.Escape:
                    Stop();
                    break;
                case ConsoleKeyEx.F2:
                    canvas = FullScreenCanvas.GetFullScreenCanvas(new Mode(800, 600, ColorDepth.ColorDepth32));
                    MouseManager.ScreenWidth = canvas.Mode.Width;
                    MouseManager.ScreenHeight = canvas.Mode.Height;
                    Console.WriteLine("Mode is " + canvas.Mode + ".");
                    break;
                case ConsoleKeyEx.Backspace:
                    typed = typed.Length > 0 ? typed.Remove(typed.Length - 1) : typed;
                    break;
                default:
                    if (key.KeyChar != '\0')
                    {
                        typed += key.KeyChar;
                        Console.WriteLine("Typed " + typed);
                    }

                    break;
            }
        }

        private void Draw()
        {
            canvas.Clear(Color.FromArgb(0, 96, 128));
            foreach (var window in windows)
            {
                canvas.DrawFilledRectangle(Color.LightGray, window.X, window.Y, window.Width, window.Height);
                canvas.DrawFilledRectangle(window == windows[^1] ? Color.Navy : Color.Gray, window.X, window.Y, window.Width, 20);
                canvas.DrawString(window.Title, PCScreenFont.Default, Color.White, window.X + 6, window.Y + 2);
                canvas.DrawRectangle(Color.Black, window.X, window.Y, window.Width, window.Height);
                window.Draw(window);
            }

            int bar = (int)canvas.Mode.Height - 24;
            canvas.DrawFilledRectangle(Color.Black, 0, bar, (int)canvas.Mode.Width, 24);
            canvas.DrawString("Ticks: " + seconds, PCScreenFont.Default, Color.Lime, 8, bar + 4);
            canvas.DrawImage(icon, (int)canvas.Mode.Width - 40, 8);
            DrawPointer((int)MouseManager.X, (int)MouseManager.Y);
        }

        private void DrawShapes(Window window)
        {
            int x = window.X, y = window.Y + 20;
            canvas.DrawFilledRectangle(Color.Red, x + 10, y + 10, 80, 40);
            canvas.DrawRectangle(Color.DarkRed, x + 10, y + 60, 80, 40);
            canvas.DrawFilledCircle(Color.Green, x + 140, y + 40, 30);
            canvas.DrawCircle(Color.DarkGreen, x + 140, y + 110, 30);
            canvas.DrawFilledEllipse(Color.Blue, x + 240, y + 40, 20, 50);
            canvas.DrawEllipse(Color.DarkBlue, x + 240, y + 110, 50, 20);
            canvas.DrawTriangle(Color.Purple, x + 20, y + 200, x + 60, y + 130, x + 100, y + 200);
            canvas.DrawPolygon(Color.Orange, new Point(x + 130, y + 160), new Point(x + 180, y + 150), new Point(x + 200, y + 190), new Point(x + 140, y + 210));
            canvas.DrawLine(Color.Black, x + 220, y + 150, x + 300, y + 210);
            canvas.DrawArc(x + 260, y + 190, 30, 30, Color.Brown, 180, 360);
            canvas.DrawFilledRectangle(Color.FromArgb(128, 255, 255, 0), x + 60, y + 30, 120, 50);
        }

        private void DrawNotes(Window window)
        {
            canvas.DrawString("Keys typed here:", PCScreenFont.Default, Color.Black, window.X + 10, window.Y + 30);
            canvas.DrawString(typed + "_", PCScreenFont.Default, Color.DarkBlue, window.X + 10, window.Y + 50);
            canvas.DrawString("ÄÖÜ ┌─┐ αβ", PCScreenFont.Default, Color.Black, window.X + 10, window.Y + 80);
        }

        private void DrawPointer(int x, int y)
        {
            for (int row = 0; row < 12; row++)
            {
                canvas.DrawLine(Color.White, x, y + row, x + row / 2, y + row);
            }

            canvas.DrawLine(Color.Black, x, y, x, y + 11);
            canvas.DrawLine(Color.Black, x, y, x + 6, y + 11);
        }

        private class Window
        {
            public readonly string Title;
            public readonly int Width;
            public readonly int Height;
            public readonly Action<Window> Draw;
            public int X;
            public int Y;

            public Window(string title, int x, int y, int width, int height, Action<Window> draw)
            {
                Title = title;
                X = x;
                Y = y;
                Width = width;
                Height = height;
                Draw = draw;
            }

            public bool HasTitleAt(int x, int y) => x >= X && x < X + Width && y >= Y && y < Y + 20;
        }
    }
}
