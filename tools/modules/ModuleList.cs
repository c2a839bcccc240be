using System;
using System.Collections.Generic;
using System.IO;

namespace CosmosKernel.Tools.Modules;

/// <summary>
/// The list of an image's modules: lines <c>module FOLDER</c> and <c>include FILE</c>, <c>#</c> begins a comment. Folders and files are relative to the list that names
/// them; a folder holds exactly one project file.
/// </summary>
internal static class ModuleList
{
    /// <summary>Reads a list and those that it includes; returns project files in order, each once.</summary>
    public static List<string> Read(string file)
    {
        var projects = new List<string>();
        Read(Path.GetFullPath(file), projects, []);
        return projects;
    }

    /// <summary>Adds a folder that does not stand in a list.</summary>
    public static void AddFolder(List<string> projects, string folder, string where)
    {
        string full = Path.GetFullPath(folder);
        if (!Directory.Exists(full))
        {
            throw new ModuleListException($"{where}: expected the folder of a module, found nothing at '{folder}'");
        }

        string[] found = Directory.GetFiles(full, "*.csproj");
        if (found.Length != 1)
        {
            throw new ModuleListException($"{where}: expected one project file in '{folder}', found {found.Length}");
        }

        if (!projects.Contains(found[0]))
        {
            projects.Add(found[0]);
        }
    }

    private static void Read(string file, List<string> projects, HashSet<string> seen)
    {
        if (!File.Exists(file))
        {
            throw new ModuleListException($"{file}: no such list of modules");
        }

        if (!seen.Add(file))
        {
            return;
        }

        string folder = Path.GetDirectoryName(file)!;
        string[] lines = File.ReadAllLines(file);
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Split('#')[0].Trim();
            if (line.Length == 0)
            {
                continue;
            }

            string where = $"{file}({i + 1})";
            string[] words = line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length == 2 && words[0] == "module")
            {
                AddFolder(projects, Path.Combine(folder, words[1]), where);
            }
            else if (words.Length == 2 && words[0] == "include")
            {
                Read(Path.GetFullPath(Path.Combine(folder, words[1])), projects, seen);
            }
            else
            {
                throw new ModuleListException($"{where}: expected 'module FOLDER' or 'include FILE', found '{line}'");
            }
        }
    }
}
